/**
 * The cases of RFC 9111 through two tiers, where the first keeps answers, or the second, or both, and where the other tier is a real Squid
 * that keeps none: what follows from a MUST holds of all that stand in a row as of one. What Squid (5.7) does its own way is
 * named, and must fail as it is said to.
 */
import t, { type Test } from 'tap';
import { playCases, type Through, wrongOf } from '../fixtures/cache/play-cases.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { owned } from '../fixtures/owned.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { Squid } from '../fixtures/squid.ts';
import { needTool } from '../fixtures/tools.ts';
import { Unheld } from '../fixtures/unheld.ts';

// Over a thousand cases: a minute on a busy machine.
t.setTimeout(240_000);

const CACHED = { access: '[{ name: everything, allow: [all], cache: true }]' };
const hosts = ['origin.example'];
const SQUID = ['http_access allow all', 'server_persistent_connections on'];
const NOTHING = new Unheld([]);

async function assertCases(t: Test, through: Omit<Through, 'isOneConnection'>, unheld = NOTHING) {
  const played = await playCases({ ...through, isOneConnection: true });
  t.ok(played.length > (through.isMustOnly === true ? 200 : 400), `${played.length} cases`);
  t.same(wrongOf(played, unheld), []);
  t.same(unheld.miscounted, [], 'it is what is named');
}

for (const [where, first, second, isMustOnly] of [
  ['the first tier', CACHED, {}, false],
  // To the cache it is as if it were alone.
  ['the second tier', {}, CACHED, true],
  ['both tiers', CACHED, CACHED, false],
] as const) {
  t.test(`kept by ${where}`, async (t) => {
    // What the first keeps may turn out to be something else than what a 304 speaks of: then it asks again.
    const { port: next } = owned(t, await startSecondTier(second, { mayBeAskedAgain: true }));
    const { port } = owned(t, await startFirstTier([next], first));
    await assertCases(t, { proxyPort: port, isMustOnly });
  });
}

t.test('kept by Weir before Squid', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const squid = await Squid.start(t, program, { name: 'keeplast', hosts, lines: SQUID });
  const peers = `{ next: { address: "127.0.0.1:${squid.port}" } }`;
  const keys = { ...CACHED, name: 't1', peers, routes: '[{ name: out, peers: [next] }]' };
  const { port } = owned(t, await startProxy(yamlOf(keys)));
  await assertCases(t, { proxyPort: port, isMustOnly: true });
});

t.test('kept by Weir behind Squid', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const weir = owned(t, await startProxy(yamlOf({ ...CACHED, name: 't2' })));
  const parent = `cache_peer 127.0.0.1 parent ${weir.port} 0 no-query no-digest default`;
  const lines = [...SQUID, parent, 'never_direct allow all'];
  const { port } = await Squid.start(t, program, { name: 'keepfirst', hosts, lines });
  const fault = /^request 2: the origin was not asked$/;
  const unheld = new Unheld([
    { pattern: /: No-Cache in another case$/, why: 'it knows it in small letters only, and drops it', fault },
    {
      pattern: /: Pragma: no-cache$/,
      why: 'it adds a Cache-Control, beside which that says nothing',
      fault,
    },
  ]);
  await assertCases(t, { proxyPort: port, isMustOnly: true }, unheld);
});
