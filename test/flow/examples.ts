/**
 * The files in examples/, both tiers in this process: one row for each refusal of the security chart (background, chart
 * 4.2). Each is told by the hop and the rule that refused, in what clients show and in both records.
 */
import t from 'tap';
import { tier1Yaml, tier2Yaml } from '../../scripts/lib/two-tiers.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy } from '../fixtures/proxy.ts';

/** Inside and outside of what stands for the cluster here. */
const INSIDE = '127.0.0.1';
const OUTSIDE = '127.9.9.9';
const CLUSTER = '127.0.0.0/16';
const NOBODY = '127.200.0.0/16';

interface Row {
  readonly from?: string;
  /** Host and port; PORT is the origin's, to which CONNECT is allowed. */
  readonly target?: string;
  readonly method?: string;
  /** What differs at tier 2. */
  readonly hours?: 'open' | 'closed';
  readonly cluster?: string;
  readonly rule: string;
  /** Who refuses. */
  readonly hop: 't1' | 't2';
}

const NOT_SHARED = 'something.else.example';

const REFUSALS: Readonly<Record<string, Row>> = {
  'tier 1: a source outside the cluster': { from: OUTSIDE, rule: 'not-localnet', hop: 't1' },
  'tier 1: a port that is not safe': { target: 'login.microsoft.com:25', rule: 'unsafe-port', hop: 't1' },
  'tier 1: a port that is not safe, in plain HTTP': {
    target: 'login.microsoft.com:25',
    method: 'GET',
    rule: 'unsafe-port',
    hop: 't1',
  },
  'tier 1: a tunnel to a port without TLS': {
    target: 'login.microsoft.com:80',
    rule: 'connect-not-tls',
    hop: 't1',
  },
  'tier 1: another domain': { target: 'example.com:443', rule: 'not-microsoft', hop: 't1' },
  'tier 1: another domain, in plain HTTP': {
    target: 'example.com:80',
    method: 'GET',
    rule: 'not-microsoft',
    hop: 't1',
  },
  'tier 2: a source outside the cluster': { cluster: NOBODY, rule: 'not-the-cluster', hop: 't2' },
  'tier 2: another domain': { target: `${NOT_SHARED}:443`, rule: 'not-microsoft', hop: 't2' },
  'tier 2: another domain, in plain HTTP': {
    target: `${NOT_SHARED}:80`,
    method: 'GET',
    rule: 'not-microsoft',
    hop: 't2',
  },
  'tier 2: outside of the hours': { hours: 'closed', rule: 'after-hours', hop: 't2' },
  'tier 2: outside of the hours, in plain HTTP': {
    hours: 'closed',
    method: 'GET',
    rule: 'after-hours',
    hop: 't2',
  },
};

/** Both tiers by their examples, in front of an origin that login.microsoft.com leads to. */
async function stage({ hours = 'open', cluster = CLUSTER }: Partial<Row>) {
  const stack = new AsyncDisposableStack();
  const origin = stack.use(await rawOrigin());
  const edits = {
    tlsPort: origin.port,
    hosts: ['login.microsoft.com', NOT_SHARED],
    tier1Only: [NOT_SHARED],
    hours,
  };
  // The guard has the same text as the cluster, and may be narrower too: the origin is on 127.0.0.1.
  const t2 = stack.use(
    await startProxy(tier2Yaml(edits).replace(/(gke_cluster:.*)127\.0\.0\.0\/8/, `$1${cluster}`)),
  );
  const t1 = stack.use(
    await startProxy(tier1Yaml(edits, t2.port).replace(/(localnet:.*)127\.0\.0\.0\/8/, `$1${CLUSTER}`)),
  );
  return { origin, t1, t2, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (const [title, row] of Object.entries(REFUSALS)) {
  t.test(`${title} is refused by ${row.hop}, rule ${row.rule}`, async (t) => {
    await using tiers = await stage(row);
    const { origin, t1, t2 } = tiers;
    const { from = INSIDE, method = 'CONNECT', hop, rule } = row;
    await using client = await RawClient.connect(t1.port, { from });
    const target = row.target ?? `login.microsoft.com:${origin.port}`;
    client.send(`${method} ${method === 'GET' ? `http://${target}/` : target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const head = await client.head();
    t.equal(head.split('\r\n')[0], `HTTP/1.1 403 Denied by ${hop} rule ${rule}`);
    const members = [...head.matchAll(/\r\nProxy-Status: (.*)/g)].map(([, value]) => value).join(', ');
    const own = `${hop};error=http_request_denied;details="rule_denied rule=${rule}"`;
    t.ok(members.startsWith(own), members);
    const rest = hop === 't1' ? /^$/ : /^, t1;next-hop="127\.0\.0\.1:\d+";received-status=403[^,]*$/;
    t.match(members.slice(own.length), rest, 'tier 1 adds itself, last');
    const id = /\r\nWeir-Transaction: (\S+)\r\n/.exec(head)?.[1];
    const [first] = await t1.ended(1);
    t.match(first, { transactionId: id, status: 403, outcome: 'denied', error: 'http_request_denied' });
    t.equal(first?.reason, hop === 't1' ? 'rule_denied' : 'peer_refused');
    t.equal(first?.rule, hop === 't1' ? rule : 'microsoft-login');
    t.equal(origin.accepted, 0);
    if (hop === 't1') {
      t.same(t2.records, [], 'tier 2 saw nothing');
      return;
    }
    const [second] = await t2.ended(1);
    t.match(second, { rule, reason: 'rule_denied', status: 403, outcome: 'denied', upstreamIp: undefined });
    // Tier 2 believes an id of its cluster alone.
    if (row.cluster === undefined) t.equal(second?.transactionId, id, 'one id in both records');
    else t.not(second?.transactionId, id);
    client.end();
  });
}

for (const method of ['CONNECT', 'GET']) {
  t.test(`what the chart lets pass passes both tiers (${method})`, async (t) => {
    await using tiers = await stage({});
    const { origin, t1, t2 } = tiers;
    await using client = await RawClient.connect(t1.port, { from: INSIDE });
    const target = `login.microsoft.com:${origin.port}`;
    client.send(`${method} ${method === 'GET' ? `http://${target}/` : target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    if (method === 'GET') {
      t.notMatch(await far.head(), /weir/i, 'nothing of ours reaches an origin');
      far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    }
    t.match(await client.head(), /^HTTP\/1\.1 200 /);
    client.end();
    far.end();
    const [first] = await t1.ended(1);
    const [second] = await t2.ended(1);
    t.match(
      [first, second],
      [
        { hop: 't1', rule: 'microsoft-login', route: 'out', peer: /^vm-[ab]$/, status: 200 },
        { hop: 't2', rule: 'microsoft-login', route: 'internet', peer: undefined, status: 200 },
      ],
    );
    t.equal(first?.transactionId, second?.transactionId);
  });
}
