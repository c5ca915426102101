import t from 'tap';
import { parse } from 'yaml';
import { forward, hop } from '#config/schema-hop.ts';

function read(yaml: string, schema: typeof hop | typeof forward = hop): unknown {
  const { data, error } = schema.safeParse(parse(yaml));
  return data ?? error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const LONG = `${'a'.repeat(240)}.example/${'b'.repeat(60)}`;

const TABLE: Readonly<Record<string, readonly [yaml: string, result: unknown]>> = {
  nothing: ['{}', {}],
  'trust alone': ['trust: { from: [a] }', { trust: { from: ['a'] } }],
  'all of it': [
    'assert: { keyFile: k, labels: [app, x.example/tier] }\ntrust: { from: [a, "!b"], keyFiles: [k, l], audience: ["T2.Example:3128", "[::1]:1"], replayDirectory: r }',
    {
      assert: { keyFile: 'k', labels: ['app', 'x.example/tier'] },
      trust: {
        from: ['a', '!b'],
        keyFiles: ['k', 'l'],
        audience: ['t2.example:3128', '[::1]:1'],
        replayDirectory: 'r',
      },
    },
  ],
  'no label': ['assert: { keyFile: k }', { assert: { keyFile: 'k' } }],
  'a label that is none': [
    'assert: { keyFile: k, labels: ["a b"] }',
    ['assert.labels.0: "a b" is no label, write a name such as "app"'],
  ],
  'a label twice': [
    'assert: { keyFile: k, labels: [app, app] }',
    ['assert.labels: Label "app" is named twice, remove one'],
  ],
  'labels without an end': [
    `assert: { keyFile: k, labels: [${Array.from({ length: 12 }, (_, index) => LONG.slice(0, -2) + String(index).padStart(2, '0')).join(', ')}] }`,
    ['assert.labels: The labels may not fit into one field, write fewer of them'],
  ],
  'an audience without a port': ['trust: { from: [a], audience: [t2.example] }', [/^trust\.audience\.0: /]],
};

for (const [what, [yaml, result]] of Object.entries(TABLE)) {
  t.test(`hop reads ${what}`, async (t) => {
    t.match(read(yaml), result as object);
  });
}

const FORWARD: Readonly<Record<string, readonly [yaml: string, result: unknown]>> = {
  nothing: ['{}', { via: 'on', forwarded: 'off' }],
  'all of it': [
    '{ via: off, forwarded: on, strip: [X-A, User-Agent] }',
    { via: 'off', forwarded: 'on', strip: ['x-a', 'user-agent'] },
  ],
  'a switch in another position': ['{ via: maybe }', [/^via: /]],
  'a field that must stay': [
    '{ strip: [X-A, Host] }',
    ['strip.1: Without "Host" a request would mean something else, remove it'],
  ],
  'a field twice': ['{ strip: [X-A, x-a] }', ['strip: Field "x-a" is named twice, remove one']],
  'no field': ['{ strip: [] }', [/^strip: /]],
};

for (const [what, [yaml, result]] of Object.entries(FORWARD)) {
  t.test(`forward reads ${what}`, async (t) => t.match(read(yaml, forward), result as object));
}
