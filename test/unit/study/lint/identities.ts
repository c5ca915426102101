import t from 'tap';
import { lintIdentities } from '#study/lint/identities.ts';
import { config } from '../../../fixtures/config.ts';
import { keyFile } from '../../../fixtures/hops.ts';

const ASKING = [
  'limits: { a: { per: namespace, tunnels: 1 }, b: { per: source, tunnels: 1 }, c: { per: serviceAccount, tunnels: 1 } }',
];

t.test('lintIdentities() finds limits that count per namespace, where nobody tells of any', async (t) => {
  t.match(lintIdentities(await config(...ASKING)), [
    {
      code: 'unknown-identities',
      path: ['limits', 'a', 'per'],
      message: /^Limit "a" counts per namespace, but nobody/,
    },
    { path: ['limits', 'c', 'per'] },
  ]);
});

t.test('lintIdentities() finds ACLs that ask for what is never known', async (t) => {
  const plain = await config();
  const acls = {
    web: { ports: [] },
    api: { namespaces: ['api'], podLabels: { app: ['api'] } },
    jobs: { serviceAccounts: ['job'] },
  };
  t.match(lintIdentities({ ...plain, policy: { ...plain.policy, acls } }), [
    {
      path: ['acls', 'api', 'namespaces'],
      acl: 'api',
      message: /^ACL "api" asks for namespaces, but nobody/,
    },
    { path: ['acls', 'api', 'podLabels'] },
    { path: ['acls', 'jobs', 'serviceAccounts'], acl: 'jobs' },
  ]);
});

t.test(
  'lintIdentities() finds that labels of namespaces are told by no hop and not by every table',
  async (t) => {
    const hop = `{ trust: { from: [all], keyFiles: [${keyFile(t, 1)}], audience: ["a:1"] } }`;
    const acls = { a: { namespaces: ['x'], namespaceLabels: { team: ['a'] } } };
    const asking = async (source: string) => {
      const plain = await config(source);
      return { ...plain, policy: { ...plain.policy, acls } };
    };
    for (const source of [`hop: ${hop}`, 'identity: { static: { 10.0.0.1: { namespace: api } } }']) {
      t.match(lintIdentities(await asking(source)), [
        {
          path: ['acls', 'a', 'namespaceLabels'],
          message: /^ACL "a" asks for namespaceLabels, but nobody tells which they are: /,
          fix: /^Add kubernetes: .*, or judge them at the first tier$/,
        },
      ]);
    }
    const table = 'identity: { static: { 10.0.0.1: { namespaceLabels: { team: a } } } }';
    for (const source of ['kubernetes: { identity: true }', table])
      t.same(lintIdentities(await asking(source)), []);
  },
);

t.test('lintIdentities() is content where somebody tells', async (t) => {
  const hop = `{ trust: { from: [all], keyFiles: [${keyFile(t, 1)}], audience: ["a:1"] } }`;
  const sources = [
    'kubernetes: { identity: true }',
    'identity: { static: { 10.0.0.1: { namespace: api } } }',
    `hop: ${hop}`,
  ];
  for (const source of sources) t.same(lintIdentities(await config(...ASKING, source)), []);
});
