import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { clientKeys } from '#config/schema-acl-client.ts';

const schema = z.strictObject(clientKeys);

t.test('clientKeys give every key its type', async (t) => {
  const yaml = `
src: [10.0.0.0/8, "::1"]
listeners: [main]
users: [alice, "*"]
namespaces: [api]
podLabels: { app: api, tier: [front, back] }
namespaceLabels: { team: a }
serviceAccounts: [builder, ci/builder]
clientCerts: ["dns:T1.example.com"]
`;
  t.match(schema.parse(parse(yaml)), {
    src: [{ text: '10.0.0.0/8' }, { text: '::1/128' }],
    listeners: ['main'],
    users: ['alice', '*'],
    namespaces: ['api'],
    podLabels: { app: ['api'], tier: ['front', 'back'] },
    namespaceLabels: { team: ['a'] },
    serviceAccounts: ['builder', 'ci/builder'],
    clientCerts: ['dns:t1.example.com'],
  });
  t.same(schema.parse({}), {});
});

const BAD: Readonly<Record<string, readonly [yaml: string, path: string]>> = {
  'a network with host bits': ['{ src: [10.0.0.1/8] }', 'src.0'],
  'a user with a colon': ['{ users: ["a:b"] }', 'users.0'],
  'a namespace that cannot exist': ['{ namespaces: [API] }', 'namespaces.0'],
  'a label that cannot exist': ['{ podLabels: { app: "a b" } }', 'podLabels'],
  'a label of a namespace that cannot exist': ['{ namespaceLabels: {} }', 'namespaceLabels'],
  'a service account that cannot exist': ['{ serviceAccounts: [a/b/c] }', 'serviceAccounts.0'],
  'a certificate name without kind': ['{ clientCerts: [t1] }', 'clientCerts.0'],
};

for (const [what, [yaml, path]] of Object.entries(BAD)) {
  t.test(`clientKeys refuses ${what}`, async (t) => {
    const { error } = schema.safeParse(parse(yaml));
    t.same(
      error?.issues.map((issue) => issue.path.join('.')),
      [path],
    );
  });
}
