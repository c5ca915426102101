import t from 'tap';
import { compileClientKeys } from '#match/client-keys.ts';
import { networks } from '../../fixtures/subject.ts';

t.test('compileClientKeys() makes a matcher for each key that is there', async (t) => {
  t.same(compileClientKeys({}), []);
  t.same(
    compileClientKeys({ users: undefined, src: networks('10.0.0.0/8') }).map(({ key }) => key),
    ['src'],
  );
  const all = compileClientKeys({
    src: networks('10.0.0.0/8'),
    listeners: ['main'],
    users: ['alice'],
    namespaces: ['api'],
    serviceAccounts: ['builder'],
    podLabels: { app: ['api'] },
    namespaceLabels: { team: ['a'] },
    clientCerts: ['cn:x'],
  });
  t.same(
    all.map(({ key }) => key),
    [
      ...['listeners', 'users', 'namespaces', 'serviceAccounts', 'podLabels', 'namespaceLabels'],
      ...['clientCerts', 'src'],
    ],
  );
});
