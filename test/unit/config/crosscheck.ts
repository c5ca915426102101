import t from 'tap';
import { crosscheck } from '#config/crosscheck.ts';
import { outline } from '../../fixtures/config.ts';

t.test('crosscheck() asks about names, policy and addresses', async (t) => {
  const yaml = `
listeners: [{ name: a, address: 127.0.0.1:1 }]
admin: { address: 127.0.0.1:1 }
access: [{ name: x, allow: [nobody] }]
routes: [{ name: out }]`;
  t.same(
    crosscheck(outline(yaml)).map(({ path }) => path[0]),
    ['access', 'routes', 'admin'],
  );
});
