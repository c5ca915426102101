import t from 'tap';
import { compilePolicy } from '#acl/policy.ts';
import type { RuleOptions } from '#acl/rule.ts';
import type { AclOptions } from '#match/acl.ts';
import { parsePattern } from '#match/patterns.ts';
import { Replay } from '#study/replay.ts';
import { allow, deny, policy } from '../../fixtures/policy.ts';

function line(fields: object = {}): string {
  return JSON.stringify({
    time: '2026-11-23T02:00:10.000Z',
    event: 'end',
    listener: 'main',
    client_ip: '10.128.0.7',
    method: 'CONNECT',
    target: 'login.microsoft.com:443',
    rule: 'old',
    ...fields,
  });
}

const DENIED = { outcome: 'denied', reason: 'rule_denied', rule: 'no' };
const T0 = Date.UTC(2026, 10, 23, 2, 0, 10);

function replayed(rules: readonly RuleOptions[], ...lines: readonly string[]) {
  const replay = new Replay(policy(...rules));
  const faults = lines.map((text) => replay.take(text));
  return { ...replay.result(), faults };
}

t.test('Replay finds nothing where the candidate says the same', async (t) => {
  const denied = line({ ...DENIED, target: 'x.example:443' });
  t.match(replayed([allow('microsoft')], line(), denied, ''), {
    policy: 'sha256:test',
    lines: 2,
    judged: 2,
    changed: 0,
    otherRule: 1,
    changes: [],
    notJudged: [],
    broken: 0,
  });
  t.match(replayed([allow('microsoft')], line({ rule: 'allow microsoft' })), { otherRule: 0 });
});

t.test('Replay groups what would change by direction and rule, clients and hosts', async (t) => {
  const other = { target: 'a.example:80', client_ip: '::1' };
  const { changes, changed } = replayed(
    [deny('microsoft'), allow('tls')],
    line(),
    line({ time: '2026-11-23T01:00:00.000Z' }),
    line({ target: 'LOGIN.microsoft.com.:8443' }),
    line(other),
    line({ ...DENIED, target: 'a.example:443' }),
  );
  t.equal(changed, 5);
  t.match(changes, [
    {
      from: 'allow',
      to: 'deny',
      rule: 'deny microsoft',
      count: 3,
      firstMs: T0 - 3_610_000,
      lastMs: T0,
      hosts: { rows: [{ name: 'login.microsoft.com:443', count: 2 }, { name: 'login.microsoft.com:8443' }] },
      clients: { rows: [{ name: '10.128.0.7', count: 3, firstMs: T0 - 3_610_000, lastMs: T0 }] },
      requests: {
        notListed: 0,
        rows: [
          {
            client: '10.128.0.7',
            method: 'CONNECT',
            host: 'login.microsoft.com',
            port: 443,
            wasBy: 'old',
            count: 2,
          },
          { port: 8443, count: 1 },
        ],
      },
    },
    {
      from: 'allow',
      to: 'deny',
      rule: undefined,
      requests: { rows: [{ client: '::1', host: 'a.example' }] },
    },
    { from: 'deny', to: 'allow', rule: 'allow tls', count: 1, requests: { rows: [{ wasBy: 'no' }] } },
  ]);
});

t.test('Replay counts what cannot be judged by why, and does not call it unchanged', async (t) => {
  const result = replayed(
    [allow('public')],
    line(),
    line(),
    line({ upstream_ip: '93.184.0.1' }),
    line({ client_ip: 'pod-7' }),
    line({ event: 'open' }),
    'junk',
  );
  t.match(result, { lines: 6, judged: 1, changed: 0, broken: 1 });
  t.same(result.notJudged, [
    { why: 'the log has no value for dst', count: 2 },
    { why: 'client or target in a form that Weir refuses', count: 1 },
    { why: 'record of a tunnel under way', count: 1 },
  ]);
  t.same(result.faults.slice(0, 5), new Array(5).fill(undefined));
  t.match(result.faults[5], /^it is neither Weir's JSON/);
});

t.test('Replay lists a bounded number of requests, and counts the rest', async (t) => {
  const replay = new Replay(policy(deny('all')));
  const each = 10_000 + 5;
  for (let i = 0; i < each; i += 1) replay.take(line({ target: `h${i}.example:443` }));
  const [change] = replay.result().changes;
  t.match(change, {
    count: each,
    clients: { notListed: 0 },
    hosts: { notListed: 5 },
    requests: { notListed: 5 },
  });
  t.equal(change?.requests.rows.length, 10_000);
});

t.test('Replay tells a bounded number of reasons apart, and counts the rest', async (t) => {
  const everything: AclOptions = {
    listeners: ['main'],
    namespaces: ['api'],
    serviceAccounts: ['robot'],
    users: ['ada'],
    urlRegex: [parsePattern('example')],
  };
  const options = { acls: { everything }, access: [allow('everything')] };
  const replay = new Replay(compilePolicy(options, 'sha256:test'));
  const most = 31;
  for (let lacking = 1; lacking <= most; lacking += 1) {
    const said = (bit: number, value: string) => ((lacking & bit) === 0 ? value : undefined);
    const fields = {
      listener: said(1, 'main'),
      namespace: said(2, 'api'),
      service_account: said(4, 'robot'),
      user: said(8, 'ada'),
      url: said(16, 'http://a.example/') ?? 'http://a.example/?[redacted]',
    };
    replay.take(line({ method: 'GET', ...fields }));
  }
  const { judged, notJudged } = replay.result();
  t.equal(judged, 0);
  t.equal(notJudged.length, 21);
  t.same(notJudged.at(-1), { why: 'other reasons', count: most - 20 });
});
