import os from 'node:os';
import t from 'tap';
import { OwnAddresses, ownAddresses } from '#net/own-addresses.ts';

t.test('ownAddresses() has those of every interface, loopback too', async (t) => {
  const texts = ownAddresses().map(({ text }) => text);
  t.ok(texts.includes('127.0.0.1'));
  t.equal(texts.length, Object.values(os.networkInterfaces()).flat().length);
});

t.test(
  'ownAddresses() takes no offence at an interface without addresses, or with a zone in them',
  async (t) => {
    const { networkInterfaces } = os;
    t.teardown(() => Object.assign(os, { networkInterfaces }));
    os.networkInterfaces = () =>
      ({ down: undefined, eth0: [{ address: 'fe80::1%eth0' }, { address: 'nonsense' }] }) as never;
    t.same(
      ownAddresses().map(({ text }) => text),
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
  t.equal(looks, 0);
  t.ok(own.has('198.51.100.1'));
  clock.ms = 999;
  t.notOk(own.has('198.51.100.2'));
  t.equal(looks, 1);
  clock.ms = 1000;
  t.ok(own.has('198.51.100.2'), 'what an interface has got since');
  t.notOk(own.has('198.51.100.1'), 'and not what it has lost');
  t.ok(new OwnAddresses().has('198.51.100.3'), 'by a clock of its own');
});

t.test('OwnAddresses keeps what it saw last where it cannot look, and knows nothing before', async (t) => {
  const { networkInterfaces } = os;
  t.teardown(() => Object.assign(os, { networkInterfaces }));
  let looks = 0;
  const broken = (): never => {
    looks += 1;
    throw new Error('Too many open files');
  };
  os.networkInterfaces = broken;
  const clock = { ms: 0, now: () => clock.ms };
  const own = new OwnAddresses(clock);
  t.throws(() => own.has('198.51.100.1'), { message: 'Too many open files' });
  os.networkInterfaces = () => ({ eth0: [{ address: '198.51.100.1' }] }) as never;
  t.ok(own.has('198.51.100.1'), 'a first look that failed is made again at once');
  os.networkInterfaces = broken;
  clock.ms = 1000;
  t.ok(own.has('198.51.100.1'));
  t.ok(own.has('198.51.100.1'));
  t.equal(looks, 2, 'and a later one only after a second');
});
