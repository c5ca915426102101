/** This host gets an address while the proxy runs: from then on nobody is let through to it, nor stays connected to it. */
import t, { type Test } from 'tap';
import { TcpLeg } from '#net/tcp-leg.ts';
import { RawClient } from '../fixtures/client.ts';
import { connectsFailWith } from '../fixtures/failing.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { ip } from '../fixtures/subject.ts';

/** Public ones, to which nothing is sent here. */
const [BEFORE, AFTER] = ['93.184.216.34', '2606:2800:21f::1'] as const;

async function headOf(proxy: TestProxy, target: string): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  const head = await client.tunnel(target);
  client.end();
  return head;
}

// Attacks: same-address, no-loop.
t.test(
  'an address that this host gets later is refused as one that it had, and may be dialled no more',
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const origin = stack.use(await rawOrigin());
    connectsFailWith('EHOSTUNREACH')({ t, stack, origin });
    const addresses = [ip(BEFORE)];
    await using proxy = await startProxy(
      yamlOf({ listeners: '[{ name: any, address: 0.0.0.0:0 }]', guard: `{ allow: ["${AFTER}"] }` }),
      { ownAddresses: () => addresses },
    );
    const OWN = /^HTTP\/1\.1 403 Special-purpose address refused/;
    t.match(await headOf(proxy, `${BEFORE}:22`), OWN);
    t.match(await headOf(proxy, `[${AFTER}]:${proxy.port}`), /^HTTP\/1\.1 502 /, 'it is not ours yet');
    const before = proxy.proxy.context.generation;
    proxy.proxy.addressWatch.look();
    t.equal(proxy.proxy.context.generation, before, 'nothing has changed');
    addresses.push(ip(AFTER));
    proxy.proxy.addressWatch.look();
    t.match(
      await headOf(proxy, `[${AFTER}]:${proxy.port}`),
      OWN,
      'whatever guard.allow says of the way to a listener',
    );
    t.match(await headOf(proxy, `[${AFTER}]:22`), /^HTTP\/1\.1 502 /, 'which it says of other ports');
    addresses.length = 0;
    proxy.proxy.addressWatch.look();
    t.match(await headOf(proxy, `${BEFORE}:22`), /^HTTP\/1\.1 502 /, 'it is not ours any more');
    t.match(
      (await proxy.ended(5)).map(({ detail }) => detail),
      [/own address/, /EHOSTUNREACH/, /own listener/, /EHOSTUNREACH/, /EHOSTUNREACH/],
    );
  },
);

/** Connects to 127.0.0.1, whatever address is dialled, until the end of the test. */
function dialLoopback(t: Test): void {
  const { connect } = TcpLeg.prototype;
  TcpLeg.prototype.connect = function (target, observer) {
    connect.call(this, { ...target, address: '127.0.0.1' }, observer);
  };
  t.teardown(() => Object.assign(TcpLeg.prototype, { connect }));
}

// Attacks: same-address.
t.test('a tunnel to what has become this host ends as its rule says', async (t) => {
  dialLoopback(t);
  await using origin = await rawOrigin();
  const addresses = [ip('127.0.0.1')];
  await using proxy = await startProxy(yamlOf({ access: '[{ name: some, allow: [all], onRevoke: cut }]' }), {
    ownAddresses: () => addresses,
  });
  await using client = await RawClient.connect(proxy.port);
  t.match(await client.tunnel(`${BEFORE}:${origin.port}`), /^HTTP\/1\.1 200 /);
  const far = await origin.accept();
  addresses.push(ip(BEFORE));
  proxy.proxy.addressWatch.look();
  t.same([await client.rest(), await far.rest()], ['', '']);
  t.match(await proxy.ended(1), [{ outcome: 'revoked', reason: 'policy_revoked', detail: /own address/ }]);
});
