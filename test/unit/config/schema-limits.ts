import t from 'tap';
import { parse } from 'yaml';
import { limits } from '#config/schema-limits.ts';

const read = (yaml: string) => limits.safeParse(parse(yaml));

t.test('limits gives every key its type', async (t) => {
  const { data } = read(
    'all: { per: global, requests: 600/m, burst: 100, tunnels: 500, bandwidth: 1KiB/s, bytesPerDay: 5GiB }',
  );
  t.same(data, {
    all: {
      per: 'global',
      requests: 10,
      burst: 100,
      tunnels: 500,
      bandwidth: 1024,
      bytesPerDay: 5_368_709_120,
    },
  });
});

for (const per of ['source', 'namespace', 'serviceAccount', 'user', 'listener', 'rule', 'global']) {
  t.test(`limits can be per ${per}`, async (t) => {
    t.same(read(`x: { per: ${per}, tunnels: 1 }`).data, { x: { per, tunnels: 1 } });
  });
}

const WRONG: Readonly<Record<string, readonly [yaml: string, path: string, message: string]>> = {
  'a slip': ['{ per: sourc, tunnels: 1 }', 'x.per', 'Limit per "sourc" cannot be, write source'],
  nonsense: [
    '{ per: colour, tunnels: 1 }',
    'x.per',
    'Limit per "colour" cannot be, write source or namespace or serviceAccount or user or listener or rule or global',
  ],
  'no limit at all': [
    '{ per: source }',
    'x',
    'Limit limits nothing, write requests, tunnels, bandwidth or bytesPerDay',
  ],
  'a burst of no rate': [
    '{ per: source, burst: 5, tunnels: 1 }',
    'x.burst',
    'Burst is of a rate, write requests as well',
  ],
  'a limit that lets nothing pass': [
    '{ per: source, tunnels: 0 }',
    'x.tunnels',
    'A limit lets something pass, write a number of at least 1',
  ],
  'a part of one': [
    '{ per: source, tunnels: 1.5 }',
    'x.tunnels',
    'Invalid input: expected int, received number',
  ],
  'a number beyond all whole ones, once': [
    '{ per: source, requests: 1/s, burst: 1e30 }',
    'x.burst',
    'The number is too great, write at most 1000000000',
  ],
  'a number beyond measure': [
    '{ per: source, tunnels: 1000000001 }',
    'x.tunnels',
    'The number is too great, write at most 1000000000',
  ],
};

for (const [what, [yaml, path, message]] of Object.entries(WRONG)) {
  t.test(`limits refuses ${what}`, async (t) => {
    const issues = read(`x: ${yaml}`).error?.issues ?? [];
    t.same(
      issues.map((issue) => [issue.path.join('.'), issue.message]),
      [[path, message]],
    );
  });
}

t.test('limits has a store that is no limit, and names that are names', async (t) => {
  const { data } = read('{ store: { redis: { url: "redis://127.0.0.1" } }, x: { per: global, tunnels: 1 } }');
  t.match(data, { store: { redis: { url: { port: 6379 } } }, x: { per: 'global', tunnels: 1 } });
  t.match(read('{ "Few Ones": { per: global, tunnels: 1 } }').error?.issues, [
    { path: ['Few Ones'], message: /^A name has only the characters .* write "few-ones"$/ },
  ]);
  t.match(read('{ store: { per: global, tunnels: 1 } }').error?.issues, [{ path: ['store', 'redis'] }, {}]);
});
