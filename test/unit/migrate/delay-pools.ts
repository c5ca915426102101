import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

const POLICY = [
  'acl net src 10.0.0.0/8',
  'acl ours dstdomain -n .a.com',
  'http_access allow ours',
  'http_access deny all',
];

/** A policy with pools; their delay_parameters are on line 5. */
async function pooled(t: Parameters<typeof imported>[0], parameters: string, ...lines: string[]) {
  return imported(t, [...POLICY, `delay_parameters ${parameters}`, 'delay_pools 2', ...lines]);
}

const RATES: Readonly<Record<string, readonly [kind: string, parameters: string, limit: unknown]>> = {
  'one rate for all': ['1', '1 64000/64000', { per: 'global', bandwidth: '64000B/s' }],
  'one for each client': ['2', '1 -1/-1 8000/8000', { per: 'source', bandwidth: '8000B/s' }],
  'of both the one for each client': [
    '2',
    '1 64000/64000 8000/8000',
    { per: 'source', bandwidth: '8000B/s' },
  ],
  'not that of a network': ['3', '1 64000/64000 8000/8000 none', { per: 'global', bandwidth: '64000B/s' }],
  'past that of a network': ['3', '1 none -1/-1 8000/9000', { per: 'source', bandwidth: '8000B/s' }],
  'none at all': ['2', '1 -1/-1 -1/-1', undefined],
  'too little': ['1', '1 100/100', undefined],
  'too much': ['1', '1 10000000000/1', undefined],
  'another class': ['4', '1 1/1 1/1 1/1 2000/2000', undefined],
};

for (const [title, [kind, parameters, limit]] of Object.entries(RATES)) {
  t.test(`delay_pools: ${title}`, async (t) => {
    const found = await pooled(t, parameters, `delay_class 1 ${kind}`, 'delay_access 1 allow all');
    t.same(found.config.limits, limit && { 'pool-1': limit });
    t.equal(found.config.access[0].limit, limit && 'pool-1');
    t.match(
      toldOf(found, 5)[0],
      limit === undefined ? /^dropped No bandwidth is held back: / : /^changed Limit "pool-1"/,
    );
    for (const other of [6, 7, 8])
      t.match(toldOf(found, other)[0], /^changed .*told at|^changed .*look there/);
  });
}

t.test('delay_pools: what a pool takes is a rule of its own, before the rest', async (t) => {
  const found = await pooled(
    t,
    '1 64000/64000',
    'delay_class 1 1',
    'delay_access 1 allow net CONNECT',
    'delay_access 1 deny all',
  );
  t.same(rulesOf(found), ['allow ours net connect', 'allow ours', 'deny all']);
  t.match(found.config.access, [{ name: 'allow-ours-pool-1', limit: 'pool-1' }, { name: 'allow-ours' }, {}]);
  t.notOk('limit' in found.config.access[1]);
});

t.test('delay_pools: a pool that takes all of a rule limits the rule itself', async (t) => {
  const found = await pooled(t, '1 64000/64000', 'delay_class 1 1', 'delay_access 1 allow ours');
  t.same(rulesOf(found), ['allow ours', 'deny all']);
  t.match(found.config.access, [{ name: 'allow-ours', limit: 'pool-1' }, {}]);
  t.match(
    toldOf(found, 5)[0],
    /rules that allow what its delay_access takes: 64000B\/s for all together\. Squid/,
  );
});

t.test('delay_pools: where no line matches the opposite of the last counts', async (t) => {
  const found = await pooled(t, '1 64000/64000', 'delay_class 1 1', 'delay_access 1 deny net');
  t.same(rulesOf(found), ['allow ours !net', 'allow ours', 'deny all']);
});

const NOT: Readonly<Record<string, readonly [lines: readonly string[], told: RegExp]>> = {
  'a pool without a class': [['delay_access 1 allow all'], /classes 1, 2 and 3/],
  'a pool without lines': [['delay_class 1 1'], /takes nothing/],
  'a pool by address': [
    [
      'delay_class 1 1',
      'acl there dst 192.0.2.0/24',
      'delay_access 1 allow there',
      'delay_access 1 deny all',
    ],
    /cannot be judged/,
  ],
  'a pool beside a limit of connections': [
    ['delay_class 1 1', 'delay_access 1 allow all', 'acl m maxconn 5', 'http_access deny m'],
    /counts the connections/,
  ],
};

for (const [title, [lines, told]] of Object.entries(NOT)) {
  t.test(`delay_pools: nothing is held back by ${title}`, async (t) => {
    const access = lines.some((line) => line.startsWith('http_access'));
    const found = access
      ? await imported(t, [
          'acl m maxconn 5',
          'http_access deny m',
          'http_access allow all',
          'delay_class 1 1',
          'delay_parameters 1 64000/64000',
          'delay_access 1 allow all',
        ])
      : await pooled(t, '1 64000/64000', ...lines);
    t.match(toldOf(found, 5)[0], told);
    t.notOk(found.config.access.some(({ limit }: { limit?: string }) => limit === 'pool-1'));
  });
}

t.test('delay_pools: a pool of too many alternatives is not written out', async (t) => {
  const many = Array.from({ length: 9 }, (_, index) => [
    `acl s${index} src 10.0.0.${index}`,
    `delay_access 1 allow s${index}`,
  ]).flat();
  const found = await pooled(t, '1 64000/64000', 'delay_class 1 1', ...many, 'delay_access 1 deny all');
  t.match(toldOf(found, 5)[0], /too many alternatives|cannot be judged/);
});
