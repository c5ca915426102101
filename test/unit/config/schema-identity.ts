import t from 'tap';
import { parse } from 'yaml';
import { identity, kubernetes } from '#config/schema-identity.ts';

function read(yaml: string): unknown {
  const { data, error } = identity.safeParse(parse(yaml));
  return data ?? error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const TABLE: Readonly<Record<string, readonly [yaml: string, result: unknown]>> = {
  nothing: ['{}', {}],
  'a table': [
    'static: { 10.1.0.0/16: { namespace: api, pod: api-0, podLabels: { app: api, empty: "" }, namespaceLabels: { team: a }, serviceAccount: builder }, "::1": { podLabels: {} } }',
    {
      static: [
        {
          network: { text: '10.1.0.0/16' },
          namespace: 'api',
          pod: 'api-0',
          podLabels: { app: 'api', empty: '' },
          namespaceLabels: { team: 'a' },
          serviceAccount: 'builder',
        },
        { network: { text: '::1/128' }, namespace: undefined, podLabels: {} },
      ],
    },
  ],
  'no network': ['static: { api: { namespace: api } }', [/^static: Network "api" cannot be read, write /]],
  'a network twice': [
    'static: { 10.1.2.3: { namespace: a }, 10.1.2.3/32: { namespace: b } }',
    ['static: Network "10.1.2.3/32" is there twice, remove one'],
  ],
  'nothing said': [
    'static: { 10.1.2.3: {} }',
    ['static.10.1.2.3: Nothing is said of these clients, write for example namespace: api'],
  ],
  'another key': ['static: { 10.1.2.3: { name: a } }', [/^static\.10\.1\.2\.3: Unrecognized key/]],
  'a namespace that cannot be': ['static: { 10.1.2.3: { namespace: A } }', [/Namespace "A" cannot exist/]],
  'a pod that cannot be': ['static: { 10.1.2.3: { pod: A } }', [/Pod "A" cannot exist/]],
  'a label that cannot be': [
    'static: { 10.1.2.3: { podLabels: { app: "a b" } } }',
    [/Label "app" cannot be "a b"/],
  ],
  'a label that no namespace has': [
    'static: { 10.1.2.3: { namespaceLabels: { "a b": c } } }',
    [/"a b" is no label/],
  ],
  'an account with its namespace': [
    'static: { 10.1.2.3: { serviceAccount: api/builder } }',
    [
      'static.10.1.2.3.serviceAccount: Service account "api/builder" cannot exist, write its name alone such as "builder"',
    ],
  ],
};

for (const [what, [yaml, result]] of Object.entries(TABLE)) {
  t.test(`identity reads ${what}`, async (t) => {
    t.match(read(yaml), result as object);
  });
}

t.test('kubernetes watches no pods unless it is said', async (t) => {
  t.strictSame(kubernetes.parse({}), { identity: false, whenStale: 'keep' });
  const all = parse(
    '{ identity: true, apiServer: "https://10.0.0.1:6443", tokenFile: t, caFile: c, whenStale: unknown }',
  );
  t.strictSame(kubernetes.parse(all), {
    identity: true,
    apiServer: 'https://10.0.0.1:6443',
    tokenFile: 't',
    caFile: 'c',
    whenStale: 'unknown',
  });
  t.match(kubernetes.safeParse({ apiServer: 'x' }).error?.issues, [
    { message: /^API server "x" cannot be, write / },
  ]);
});
