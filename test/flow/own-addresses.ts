/** This host gets an address while the proxy runs: from then on nobody is let through to it. */
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { connectsFailWith } from '../fixtures/failing.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

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
    const ownHost = new Set([BEFORE as string]);
    await using proxy = await startProxy(
      yamlOf({ listeners: '[{ name: any, address: 0.0.0.0:0 }]', guard: `{ allow: ["${AFTER}"] }` }),
      { ownHost },
    );
    const OWN = /^HTTP\/1\.1 403 Special-purpose address refused/;
    t.match(await headOf(proxy, `${BEFORE}:22`), OWN);
    t.match(await headOf(proxy, `[${AFTER}]:${proxy.port}`), /^HTTP\/1\.1 502 /, 'it is not ours yet');
    ownHost.add(AFTER);
    t.match(
      await headOf(proxy, `[${AFTER}]:${proxy.port}`),
      OWN,
      'whatever guard.allow says of the way to a listener',
    );
    t.match(await headOf(proxy, `[${AFTER}]:22`), /^HTTP\/1\.1 502 /, 'which it says of other ports');
    ownHost.clear();
    t.match(await headOf(proxy, `${BEFORE}:22`), /^HTTP\/1\.1 502 /, 'it is not ours any more');
    t.match(
      (await proxy.ended(5)).map(({ detail }) => detail),
      [/own address/, /EHOSTUNREACH/, /own listener/, /EHOSTUNREACH/, /EHOSTUNREACH/],
    );
  },
);
