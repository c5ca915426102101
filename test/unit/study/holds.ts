import t from 'tap';
import { compileAcl } from '#match/acl.ts';
import { holds } from '#study/holds.ts';
import { subject } from '../../fixtures/subject.ts';

t.test('holds() is for what is surely so', async (t) => {
  const acls = new Map([
    ['tls', compileAcl('tls', { ports: [{ first: 443, last: 443, text: '443' }] })],
    ['api', compileAcl('api', { namespaces: ['api'] })],
  ]);
  const asked = subject({ port: 443 });
  t.ok(holds(['tls'], acls, asked));
  t.notOk(holds(['!tls'], acls, asked));
  t.notOk(holds(['tls', 'api'], acls, asked), 'nobody tells the namespace');
  t.notOk(holds(['!api'], acls, asked));
});
