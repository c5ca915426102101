/** Against a name server of our own on loopback: what is cached of the answers is resolver.ts's. */
import t, { type Test } from 'tap';
import { NameServers, type Said } from '#net/dns-question.ts';
import { type DnsScript, RCODE, startDnsServer } from '../../fixtures/dns-server.ts';
import { closedPort } from '../../fixtures/sockets.ts';

async function ask(t: Test, script: DnsScript, timeoutMs = 1_000): Promise<Said> {
  await using server = await startDnsServer(script);
  const servers = new NameServers([server.address], timeoutMs);
  t.teardown(() => servers.cancel());
  return await servers.ask('www.example');
}

const texts = (said: Said): string[] =>
  'addresses' in said ? said.addresses.map(({ text }) => text) : [said.text];

t.test('NameServers has IPv4 first, whichever comes first, and the shortest TTL', async (t) => {
  for (const slow of ['A', 'AAAA']) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const said = await ask(t, async ({ type }) => {
      if (type === slow) await promise;
      else setImmediate(resolve);
      return { addresses: [type === 'A' ? '192.0.2.1' : '2001:db8::1'], ttl: type === 'A' ? 20 : 10 };
    });
    t.same(texts(said), ['192.0.2.1', '2001:db8::1']);
    t.match(said, { ttlMs: 10_000 });
  }
});

for (const [silent, found] of [
  ['A', '2001:db8::1'],
  ['AAAA', '192.0.2.1'],
] as const) {
  t.test(`NameServers is not held up by silence about ${silent}`, async (t) => {
    const script: DnsScript = ({ type }) => (type === silent ? undefined : { addresses: [found] });
    t.same(texts(await ask(t, script, 30_000)), [found], 'long before the time for the name is over');
  });
}

t.test('NameServers waits for the other family where one is not there', async (t) => {
  const said = await ask(t, async ({ type }) => {
    if (type === 'A') return {};
    await new Promise((resolve) => setTimeout(resolve, 80));
    return { addresses: ['2001:db8::1'] };
  });
  t.same(texts(said), ['2001:db8::1']);
});

// Attacks: bounded.
t.test('NameServers keeps no more of a flood of addresses than it can use', async (t) => {
  const addresses = Array.from({ length: 1_000 }, (_, i) => `192.0.${i >> 8}.${i & 255}`);
  const said = await ask(t, ({ type }) => (type === 'A' ? { addresses, truncated: true } : {}));
  t.same(texts(said), addresses.slice(0, 32));
});

t.test('NameServers says of a failure what it is', async (t) => {
  t.same(await ask(t, () => ({ rcode: RCODE.nxDomain })), { failure: 'nxdomain', text: 'NXDOMAIN' });
  t.same(await ask(t, () => undefined, 100), { failure: 'timeout', text: 'no answer in time' });
  const mixed = await ask(t, ({ type }) => ({ rcode: type === 'A' ? RCODE.servFail : RCODE.nxDomain }));
  t.same(mixed, { failure: 'servfail', text: 'SERVFAIL' });
});

for (const slow of ['A', 'AAAA']) {
  t.test(`NameServers says the worse of two failures, also where ${slow} fails later`, async (t) => {
    const said = await ask(t, async ({ type }) => {
      if (type !== slow) return {};
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { rcode: RCODE.servFail };
    });
    t.same(said, { failure: 'servfail', text: 'SERVFAIL' });
  });
}

t.test('NameServers names the code of Node where it stands for no answer', async (t) => {
  const nobody = `127.0.0.1:${await closedPort()}`;
  const said = await new NameServers([nobody], 1_000).ask('www.example');
  t.same(said, { failure: 'error', text: 'ECONNREFUSED' });
});

t.test('cancel() ends what is under way; without servers those of the system are asked', async (t) => {
  const asked = Promise.withResolvers<void>();
  await using server = await startDnsServer(() => {
    asked.resolve();
    return undefined;
  });
  const servers = new NameServers([server.address], 30_000);
  const asking = servers.ask('www.example');
  await asked.promise;
  servers.cancel();
  t.same(await asking, { failure: 'error', text: 'ECANCELLED' });
  new NameServers([], 1_000).cancel();
});
