import os from 'node:os';
import t, { type Test } from 'tap';
import { OwnAddresses, ownAddresses } from '#net/own-addresses.ts';

/** As where file descriptors have run out. @returns what ends it, as the test does */
function blind(t: Test): () => void {
  const { networkInterfaces } = os;
  const see = (): void => void Object.assign(os, { networkInterfaces });
  t.teardown(see);
  os.networkInterfaces = () => {
    throw new Error('Too many open files');
  };
  return see;
}

// The first of all, since what any other one sees stands.
t.test('OwnAddresses allows nothing where nobody could ever look', async (t) => {
  const see = blind(t);
  t.equal(ownAddresses(), undefined);
  const own = new OwnAddresses();
  t.throws(() => own.has('127.0.0.1'), { message: 'Cannot look at the addresses of this host' });
  see();
  t.ok(own.has('127.0.0.1'), 'and looks again at once');
});

t.test('ownAddresses() has those of every interface, loopback too', async (t) => {
  const texts = ownAddresses()?.map(({ text }) => text);
  t.ok(texts?.includes('127.0.0.1'));
  t.equal(texts?.length, Object.values(os.networkInterfaces()).flat().length);
});

t.test(
  'ownAddresses() takes no offence at an interface without addresses, or with a zone in them',
  async (t) => {
    const { networkInterfaces } = os;
    t.teardown(() => Object.assign(os, { networkInterfaces }));
    os.networkInterfaces = () =>
      ({ down: undefined, eth0: [{ address: 'fe80::1%eth0' }, { address: 'nonsense' }] }) as never;
    t.same(
      ownAddresses()?.map(({ text }) => text),
      ['fe80::1'],
    );
  },
);

t.test('OwnAddresses looks again once a second, and no more often', async (t) => {
  const { networkInterfaces } = os;
  t.teardown(() => Object.assign(os, { networkInterfaces }));
  let looks = 0;
  os.networkInterfaces = () => {
    looks += 1;
    return { eth0: [{ address: `198.51.100.${looks}` }] } as never;
  };
  const clock = { ms: 0, now: () => clock.ms };
  const own = new OwnAddresses(clock);
  t.equal(looks, 1, 'and for the first time while there are descriptors');
  t.ok(own.has('198.51.100.1'));
  clock.ms = 999;
  t.notOk(own.has('198.51.100.2'));
  t.equal(looks, 1);
  clock.ms = 1000;
  t.ok(own.has('198.51.100.2'), 'what an interface has got since');
  t.notOk(own.has('198.51.100.1'), 'and not what it has lost');
  t.ok(new OwnAddresses().has('198.51.100.3'), 'by a clock of its own');
});

t.test('ownAddresses() has what it saw last where it cannot look', async (t) => {
  const seen = ownAddresses();
  blind(t);
  t.equal(ownAddresses(), seen);
});

t.test('OwnAddresses keeps what it saw last where it cannot look, and tries once a second', async (t) => {
  const clock = { ms: 0, now: () => clock.ms };
  const own = new OwnAddresses(clock);
  blind(t);
  clock.ms = 1000;
  t.ok(own.has('127.0.0.1'), 'it has looked before anybody asked');
  let looks = 0;
  os.networkInterfaces = () => {
    looks += 1;
    return { eth0: [{ address: '198.51.100.1' }] } as never;
  };
  clock.ms = 1999;
  t.notOk(own.has('198.51.100.1'));
  t.equal(looks, 0);
  clock.ms = 2000;
  t.ok(own.has('198.51.100.1'));
});
