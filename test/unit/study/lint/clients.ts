import t from 'tap';
import { lintClients } from '#study/lint/clients.ts';
import { config } from '../../../fixtures/config.ts';

t.test('lintClients() looks for users and for identities', async (t) => {
  t.same(lintClients(await config()), []);
  const acls = { staff: { users: ['bob'], namespaces: ['api'] } };
  const plain = await config();
  t.match(lintClients({ ...plain, policy: { ...plain.policy, acls } }), [
    { code: 'unknown-user' },
    { code: 'unknown-identities' },
  ]);
});
