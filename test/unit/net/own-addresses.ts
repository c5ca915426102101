import os from 'node:os';
import t from 'tap';
import { HostAddresses, OwnAddresses } from '#net/own-addresses.ts';
import { Interfaces } from '../../fixtures/interfaces.ts';

t.test('HostAddresses has those of every interface of this host, loopback too', async (t) => {
  const texts = new HostAddresses().all()?.map(({ text }) => text);
  t.ok(texts?.includes('127.0.0.1'));
  t.equal(texts?.length, Object.values(os.networkInterfaces()).flat().length);
});

t.test(
  'HostAddresses takes no offence at an interface without addresses, or with a zone in them',
  async (t) => {
    const addresses = new HostAddresses(() => ({
      down: undefined,
      eth0: [{ address: 'fe80::1%eth0' }, { address: 'nonsense' }],
    }));
    t.same(
      addresses.all()?.map(({ text }) => text),
      ['fe80::1'],
    );
  },
);

t.test(
  'HostAddresses has what it saw last where it cannot look, and nothing where it never could',
  async (t) => {
    const interfaces = new Interfaces();
    const addresses = new HostAddresses(interfaces.read);
    t.equal(addresses.all(), undefined);
    interfaces.now = { eth0: [{ address: '198.51.100.1' }] };
    const seen = addresses.all();
    t.match(seen, [{ text: '198.51.100.1' }]);
    interfaces.now = undefined;
    t.equal(addresses.all(), seen);
  },
);

t.test('OwnAddresses allows nothing where nobody could ever look', async (t) => {
  const interfaces = new Interfaces();
  const own = new OwnAddresses(performance, new HostAddresses(interfaces.read));
  t.throws(() => own.has('127.0.0.1'), { message: 'Cannot look at the addresses of this host' });
  interfaces.now = { lo: [{ address: '127.0.0.1' }] };
  t.ok(own.has('127.0.0.1'), 'and looks again at once');
});

t.test('OwnAddresses knows this host by a clock of its own', async (t) => {
  t.ok(new OwnAddresses().has('127.0.0.1'));
});

t.test('OwnAddresses looks again once a second, and no more often', async (t) => {
  const interfaces = new Interfaces('198.51.100.1');
  const clock = { ms: 0, now: () => clock.ms };
  const own = new OwnAddresses(clock, new HostAddresses(interfaces.read));
  t.equal(interfaces.looks, 1, 'and for the first time while there are descriptors');
  t.ok(own.has('198.51.100.1'));
  interfaces.now = { eth0: [{ address: '198.51.100.2' }] };
  clock.ms = 999;
  t.notOk(own.has('198.51.100.2'));
  t.equal(interfaces.looks, 1);
  clock.ms = 1000;
  t.ok(own.has('198.51.100.2'), 'what an interface has got since');
  t.notOk(own.has('198.51.100.1'), 'and not what it has lost');
});

t.test('OwnAddresses keeps what it saw last where it cannot look, and tries once a second', async (t) => {
  const interfaces = new Interfaces('127.0.0.1');
  const clock = { ms: 0, now: () => clock.ms };
  const own = new OwnAddresses(clock, new HostAddresses(interfaces.read));
  interfaces.now = undefined;
  clock.ms = 1000;
  t.ok(own.has('127.0.0.1'), 'it has looked before anybody asked');
  interfaces.now = { eth0: [{ address: '198.51.100.1' }] };
  const { looks } = interfaces;
  clock.ms = 1999;
  t.notOk(own.has('198.51.100.1'));
  t.equal(interfaces.looks, looks);
  clock.ms = 2000;
  t.ok(own.has('198.51.100.1'));
});
