import os from 'node:os';
import t from 'tap';
import { ownAddresses } from '#net/own-addresses.ts';

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
