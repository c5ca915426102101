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
