/** A tunnel through a peer before rules that ask for its address, which only the peer knows for certain. */
import t, { type Test } from 'tap';
import { Transaction } from '#proxy/transaction.ts';
import { type DnsReply, RCODE, startDnsServer } from '../fixtures/dns-server.ts';
import { adopt, type Keys, prove, tunnel } from '../fixtures/judged.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';
import { eventually } from '../fixtures/within.ts';

const OPEN: Keys = { access: '[{ name: some, allow: [all], onRevoke: cut }]' };
const allowing = (dst: string): Keys => ({
  acls: `{ here: { dst: [${dst}] } }`,
  access: '[{ name: here, allow: [here], onRevoke: cut }]',
});

/** What a name server says that no cache keeps; it can be told to say something else. */
class Answer {
  reply: DnsReply | Promise<DnsReply> = { addresses: ['127.0.0.1'], ttl: 0 };
}

async function stage(t: Test, keys: Keys) {
  const stack = new AsyncDisposableStack();
  t.teardown(() => stack.disposeAsync());
  const answer = new Answer();
  const server = stack.use(await startDnsServer(({ type }) => (type === 'A' ? answer.reply : {})));
  const origin = stack.use(await rawOrigin());
  const peer = stack.use(await startProxy(yamlOf()));
  const base: Keys = {
    dns: `{ hostsFile: none, servers: ["${server.address}"], minTtl: 0s }`,
    peers: `{ p: { address: "127.0.0.1:${peer.port}" } }`,
    routes: '[{ name: out, peers: [p], resolve: here }]',
  };
  const proxy = stack.use(await startProxy(yamlOf({ ...base, ...keys })));
  const open = await tunnel(proxy, origin);
  stack.defer(() => open.client.reset());
  return { answer, server, proxy, open, adopt: (more: Keys) => adopt(proxy, { ...base, ...more }) };
}

/** Waits until the tunnel is allowed by `rule`. */
function untilAllowedBy(rule: string, { proxy }: TestProxy): Promise<void> {
  const find = (): boolean =>
    proxy.context.drain.members().some((one) => one instanceof Transaction && one.rule === rule);
  return eventually(find, `rule "${rule}" to allow it`);
}

t.test('dst is judged by what the name led to when the tunnel was opened', async (t) => {
  const { answer, server, proxy, open, adopt } = await stage(t, allowing('127.0.0.1'));
  const asked = server.questions.length;
  answer.reply = { addresses: ['127.0.0.2'], ttl: 0 };
  await adopt({ ...allowing('127.0.0.1'), timeouts: '{ idle: 10m }' });
  await prove(open);
  await adopt(allowing('127.0.0.2'));
  await open.client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: undefined, detail: /no rule allows it$/ }]);
  t.equal(server.questions.length, asked, 'and nobody is asked again');
});

t.test('a name that no rule had asked for is resolved, once', async (t) => {
  const { answer, server, proxy, open, adopt } = await stage(t, OPEN);
  t.same(server.questions, []);
  await adopt(allowing('127.0.0.1'));
  await untilAllowedBy('here', proxy);
  await prove(open);
  answer.reply = { addresses: ['127.0.0.2'], ttl: 0 };
  await adopt(allowing('127.0.0.2'));
  await open.client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: undefined }]);
  t.equal(server.questions.length, 2, 'A and AAAA');
});

t.test('where a name cannot be resolved no rule with dst allows its tunnel', async (t) => {
  const { answer, proxy, open, adopt } = await stage(t, OPEN);
  answer.reply = { rcode: RCODE.servFail };
  await adopt(allowing('127.0.0.1'));
  await open.client.rest();
  const [record] = await proxy.ended(1);
  t.match(record, { outcome: 'revoked', reason: 'policy_revoked', rule: undefined });
  t.match(record?.detail, /rules ask for its address, and its name cannot be resolved$/);
});

t.test('a name server that says nothing keeps no tunnel open', async (t) => {
  const { answer, server, proxy, open, adopt } = await stage(t, OPEN);
  answer.reply = new Promise(() => {});
  await adopt(allowing('127.0.0.1'));
  await eventually(() => server.questions.length === 2, 'it to be asked');
  using watch = new Stopwatch();
  await open.client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', detail: /its name cannot be resolved$/ }]);
  t.ok(watch.wallMs > 800, `after ${watch.wallMs} ms`);
  t.ok(watch.ms < 2500, `after ${watch.ms} ms, where the time of DNS is 3 s`);
});

t.test(
  'a tunnel that is to end later goes on where its name leads to what is allowed after all',
  async (t) => {
    const { answer, proxy, open, adopt } = await stage(t, {
      access: '[{ name: some, allow: [all], onRevoke: drain 5m }]',
    });
    const late = Promise.withResolvers<DnsReply>();
    answer.reply = late.promise;
    await adopt(allowing('127.0.0.1'));
    const [tx] = proxy.proxy.context.drain.members() as [Transaction];
    await eventually(() => tx.revocation !== undefined, 'it to be given up');
    late.resolve({ addresses: ['127.0.0.1'], ttl: 0 });
    await untilAllowedBy('here', proxy);
    await prove(open);
  },
);

t.test('a tunnel that is judged anew, or ends, while its name is resolved is left alone', async (t) => {
  const { answer, server, proxy, open, adopt } = await stage(t, OPEN);
  const late = Promise.withResolvers<DnsReply>();
  answer.reply = late.promise;
  await adopt(allowing('127.0.0.1'));
  await eventually(() => server.questions.length === 2, 'it to be asked');
  await adopt(OPEN);
  late.resolve({ rcode: RCODE.servFail });
  await prove(open);
  const later = Promise.withResolvers<DnsReply>();
  answer.reply = later.promise;
  await adopt(allowing('127.0.0.2'));
  await eventually(() => server.questions.length === 4, 'it to be asked again');
  open.client.end();
  open.far.end();
  t.match(await proxy.ended(1), [{ outcome: 'completed', rule: 'some' }]);
  later.resolve({ addresses: ['127.0.0.1'], ttl: 0 });
});
