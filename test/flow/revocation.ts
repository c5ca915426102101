/** Open tunnels before another policy, or another time: they go on, drain or are cut, and the record says by which rule. */
import t, { type Test } from 'tap';
import { adopt, type Keys, prove, tunnel } from '../fixtures/judged.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';

const CLOSED: Keys = { access: '[{ name: closed, deny: [all] }]' };
const openBy = (onRevoke: string): Keys => ({
  access: `[{ name: some, allow: [all], onRevoke: ${onRevoke} }]`,
});

t.test('cut: a tunnel that a reload forbids ends at once, for both sides', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(openBy('cut')));
  const { client, far } = await tunnel(proxy, origin);
  const hash = await adopt(proxy, CLOSED);
  await client.rest();
  await far.rest();
  t.same([client.ending, far.ending], ['ECONNRESET', 'ECONNRESET']);
  t.match(await proxy.ended(1), [
    {
      outcome: 'revoked',
      reason: 'policy_revoked',
      rule: 'closed',
      policy: hash,
      closedBy: 'proxy',
      status: 200,
    },
  ]);
});

t.test('cut: where no rule allows it any more the record names none', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(openBy('cut')));
  const { client } = await tunnel(proxy, origin);
  await adopt(proxy, { acls: '{ other: { ports: [1] } }', access: '[{ name: some, allow: [other] }]' });
  await client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: undefined }]);
});

t.test('cut: what a first reload makes of the rule holds when a second one takes it away', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(openBy('drain 5m')));
  const { client } = await tunnel(proxy, origin);
  await adopt(proxy, openBy('cut'));
  await adopt(proxy, CLOSED);
  await client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: 'closed' }]);
});

t.test('keep: a tunnel goes on whatever the policy says', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(openBy('keep')));
  const open = await tunnel(proxy, origin);
  await adopt(proxy, CLOSED);
  await prove(open);
  open.client.end();
  open.far.end();
  t.match(await proxy.ended(1), [{ outcome: 'completed', rule: 'some' }]);
});

t.test('drain: a tunnel has its time, and is cut then', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(openBy('drain 1s')));
  const open = await tunnel(proxy, origin);
  using watch = new Stopwatch();
  await adopt(proxy, CLOSED);
  await prove(open);
  await open.client.rest();
  t.ok(watch.wallMs >= 980 && watch.ms < 5000, `after ${watch.wallMs} ms, ${watch.ms} ms of it ours`);
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: 'closed' }]);
});

t.test('drain: a tunnel that is allowed again before it is over goes on', async (t) => {
  await using origin = await rawOrigin();
  await using forbidden = await rawOrigin();
  await using proxy = await startProxy(yamlOf(openBy('drain 1s')));
  const open = await tunnel(proxy, origin);
  const other = await tunnel(proxy, forbidden);
  await adopt(proxy, CLOSED);
  const hash = await adopt(proxy, {
    acls: `{ allowed: { ports: [${origin.port}] } }`,
    access: '[{ name: again, allow: [allowed] }]',
  });
  await other.client.rest();
  await prove(open);
  open.client.end();
  open.far.end();
  t.match(await proxy.ended(2), [
    { outcome: 'revoked' },
    { outcome: 'completed', rule: 'again', policy: hash },
  ]);
});

t.test('dst is judged by the address that the tunnel is connected to', async (t) => {
  await using origin = await rawOrigin();
  const hosts = (address: string): Keys => ({
    dns: `{ hostsFile: none, hosts: { origin.example: ${address} } }`,
    acls: '{ here: { dst: [127.0.0.1] } }',
    access: '[{ name: here, allow: [here], onRevoke: cut }]',
  });
  await using proxy = await startProxy(yamlOf(hosts('127.0.0.1')));
  const open = await tunnel(proxy, origin);
  await adopt(proxy, hosts('127.0.0.2'));
  await prove(open);
  await adopt(proxy, { ...hosts('127.0.0.1'), acls: '{ here: { dst: [127.0.0.2] } }' });
  await open.client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: undefined }]);
});

t.test('at the end of a time window what it had allowed is judged again', async (t) => {
  await using origin = await rawOrigin();
  let leapMs = 0;
  const now = (): number => Date.now() + leapMs;
  const hour = (hours: number): string =>
    new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  await using proxy = await startProxy(
    yamlOf({
      acls: `{ office: { time: { hours: "${hour(-1)}-${hour(1)}" } }, night: { time: { hours: "${hour(-2)}-${hour(4)}" } } }`,
      access:
        '[{ name: office, allow: [office], onRevoke: cut }, { name: night, allow: [night], onRevoke: cut }]',
    }),
    { now },
  );
  const { judgementDays } = proxy.proxy;
  const open = await tunnel(proxy, origin);
  leapMs = 2 * 3_600_000;
  judgementDays.look();
  await prove(open);
  leapMs = 5 * 3_600_000;
  judgementDays.look();
  judgementDays.begin();
  await open.client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: undefined }]);
});

/** @returns how long it took */
async function judgeMany(t: Test): Promise<number> {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(openBy('cut')));
  const open = await Promise.all(Array.from({ length: 200 }, () => tunnel(proxy, origin)));
  using watch = new Stopwatch();
  await adopt(proxy, CLOSED);
  await proxy.ended(200);
  const tookMs = watch.ms;
  t.ok(proxy.records.filter(({ event }) => event === 'end').every(({ outcome }) => outcome === 'revoked'));
  for (const { client, far } of open) await Promise.all([client.closed(), far.closed()]);
  return tookMs;
}

t.test('a reload with 200 tunnels judges all of them within a second', async (t) => {
  // A busy machine may take longer, but not each time.
  const tookMs: number[] = [];
  while (tookMs.length < 3 && (tookMs.at(-1) ?? Number.POSITIVE_INFINITY) >= 1000)
    tookMs.push(await judgeMany(t));
  t.ok(Math.min(...tookMs) < 1000, `in ${tookMs.join(', ')} ms`);
});
