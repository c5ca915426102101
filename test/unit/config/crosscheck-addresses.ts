import t from 'tap';
import { checkAddresses } from '#config/crosscheck-addresses.ts';
import { outline, told } from '../../fixtures/config.ts';

t.test('checkAddresses() finds nothing where every address is free', async (t) => {
  const yaml =
    'listeners: [{ address: 127.0.0.1:1 }, { address: 127.0.0.1:0 }]\nadmin: { address: 127.0.0.1:0 }';
  t.same(told(checkAddresses(outline(yaml))), []);
});

t.test('checkAddresses() blames the later of two, and the admin address after listeners', async (t) => {
  const yaml = `
admin: { address: 127.0.0.1:2 }
listeners: [{ address: 0.0.0.0:1 }, { address: 127.0.0.1:1 }, { address: 127.0.0.1:2 }, { address: "[::]:2" }]`;
  t.same(told(checkAddresses(outline(yaml))), [
    'listeners[1].address: Address is already taken by listeners[0].address. Choose another port',
    'listeners[3].address: Address is already taken by listeners[2].address. Choose another port',
    'admin.address: Address is already taken by listeners[2].address. Choose another port',
  ]);
});

t.test('checkAddresses() has one listener for each socket that is handed over', async (t) => {
  const yaml = 'listeners: [{ address: "systemd:a" }, { address: "systemd:b" }, { address: "systemd:a" }]';
  t.same(told(checkAddresses(outline(yaml))), [
    'listeners[2].address: Address is already taken by listeners[0].address. Name another socket',
  ]);
});

// Attacks: no-loop.
t.test('checkAddresses() finds peers that are this proxy itself', async (t) => {
  const yaml = `
listeners: [{ address: 127.0.0.1:3128 }, { address: 0.0.0.0:3129 }, { address: "[::]:3130" }, { address: 127.0.0.1:0 }]
peers:
  same: { address: 127.0.0.1:3128 }
  wild: { address: 127.0.0.9:3129 }
  wilder: { address: "[::1]:3130" }
  neighbour: { address: 127.0.0.2:3128 }
  far: { address: 10.0.0.1:3129 }
  other-port: { address: 127.0.0.1:3131 }
  name: { address: localhost:3128 }
  unset: { address: 127.0.0.1:0 }
  broken: { address: nonsense }
  empty: {}`;
  const fix = 'Write the address of the next tier';
  t.same(told(checkAddresses(outline(yaml))), [
    `peers.same.address: Peer is this proxy itself, by listeners[0].address. ${fix}`,
    `peers.wild.address: Peer is this proxy itself, by listeners[1].address. ${fix}`,
    `peers.wilder.address: Peer is this proxy itself, by listeners[2].address. ${fix}`,
  ]);
  t.same(told(checkAddresses(outline('listeners: [{ address: 127.0.0.1:1 }]\npeers: 7'))), []);
});
