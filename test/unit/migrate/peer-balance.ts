import t from 'tap';
import { balanceKeys, balanceOf, balanceRemarks, isBalanceOption, rankOf } from '#migrate/peer-balance.ts';

/** The balance of a route whose peers have these options. */
function balance(...options: readonly (readonly string[])[]): string {
  return balanceOf(options.map(rankOf));
}

t.test('balanceOf() takes the kind that Squid asks first', async (t) => {
  t.equal(balance([], []), 'failover');
  t.equal(balance(['round-robin'], []), 'roundRobin');
  t.equal(balance(['weighted-round-robin']), 'roundRobin');
  t.equal(balance(['carp'], ['round-robin']), 'domainHash');
  t.equal(balance(['round-robin'], ['userhash'], ['carp']), 'sourceHash');
  t.equal(balance(['sourcehash']), 'sourceHash');
});

t.test('balanceKeys() takes weight and max-conn over where they say something', async (t) => {
  t.same(balanceKeys(['weight=5', 'max-conn=100', 'standby=4']), { weight: 5, maxTunnels: 100, standby: 4 });
  t.same(balanceKeys(['weight=1', 'no-query']), {});
  t.same(balanceKeys(['weight=1000', 'max-conn=1000000']), { weight: 1000, maxTunnels: 1_000_000 });
  t.same(balanceKeys(['weight=0', 'weight=1001', 'max-conn=0', 'max-conn=x']), {});
});

t.test('isBalanceOption() knows what is taken over', async (t) => {
  for (const option of [
    'weight=2',
    'max-conn=9',
    'standby=0',
    'standby=9',
    'sourcehash',
    'userhash',
    'carp',
    'round-robin',
  ])
    t.ok(isBalanceOption(option), option);
  for (const option of ['weight=0', 'max-conn=0', 'no-query', 'carp-key=host'])
    t.notOk(isBalanceOption(option), option);
});

t.test('balanceRemarks() says what is not the same as in Squid', async (t) => {
  t.same(balanceRemarks(['sourcehash', 'weight=2']), []);
  t.match(balanceRemarks(['userhash']), [/by the user/]);
  t.match(balanceRemarks(['carp', 'max-conn=9']), [/by the URL/, /maxTunnels counts/]);
  t.match(balanceRemarks(['weighted-round-robin']), [/by the time/]);
});
