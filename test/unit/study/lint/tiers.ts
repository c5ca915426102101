import t from 'tap';
import type { Finding } from '#study/lint/finding.ts';
import { lint } from '#study/lint/lint.ts';
import { isChain, lintTiers } from '#study/lint/tiers.ts';
import { firstTier, secondTier, tooMuchToFollow } from '../../../fixtures/studied.ts';
import { networks } from '../../../fixtures/subject.ts';

const NOW = Date.parse('2026-11-28T00:00Z');

/** What is found between the two, whose tier 1 is seen to come from 10.0.0.0/8. */
async function findingsBetween(first: string, second: string): Promise<Finding[]> {
  const tier2 = second.replace('acls: {', 'acls: { trusted: { src: [10.0.0.0/8] },');
  const files = [
    await firstTier(first),
    await secondTier(`${tier2}\nhop: { trust: { from: [trusted] } }`),
  ] as const;
  return lintTiers(...files, { nowMs: NOW, via: undefined });
}

/** Code and message of each. */
async function between(first: string, second: string): Promise<string[]> {
  return (await findingsBetween(first, second)).map(({ code, message }) => `${code}: ${message}`);
}

const MICROSOFT = 'acls: { ms: { dstDomains: [.microsoft.com] } }\naccess: [{ name: ms, allow: [ms] }]';

const PAIRS: Readonly<Record<string, readonly [first: string, second: string, found: RegExp[]]>> = {
  'proves what both judge alike': [MICROSOFT, MICROSOFT, []],
  'cannot prove what an expression judges': [
    MICROSOFT,
    'acls: { ms: { dstDomainRegex: ["soft[.]com$"] } }\naccess: [{ name: ms, allow: [ms] }]',
    [
      /^cannot-prove: Cannot prove that tier 2 has a rule for all .* depends on dstDomainRegex of ACL "ms" \(tier 2\)$/,
    ],
  ],
  'proves what the same expression judges': [
    'acls: { ms: { dstDomainRegex: [soft] } }\naccess: [{ name: ms, allow: [ms] }]',
    'acls: { soft: { dstDomainRegex: [soft] } }\naccess: [{ name: ms, allow: [soft] }]',
    [],
  ],
  'shows what an expression refuses where it comes upon it': [
    MICROSOFT,
    'acls: { www: { dstDomainRegex: ["^microsoft"] } }\naccess: [{ name: www, deny: [www] }, { name: rest, allow: [all] }]',
    [/^refused-by-tier-2: Rule "www" of tier 2 refuses some of what rule "ms" of tier 1 allows$/],
  ],
  'cannot prove that a rule by an expression refuses nothing': [
    MICROSOFT,
    'acls: { odd: { dstDomainRegex: [never] } }\naccess: [{ name: odd, deny: [odd] }, { name: rest, allow: [all] }]',
    [/^cannot-prove: Cannot prove that rule "odd" of tier 2 refuses nothing that rule "ms" of tier 1 allows/],
  ],
  'says of what is meant and cannot be shown that it may be': [
    MICROSOFT,
    'acls: { odd: { dstDomainRegex: [never] } }\naccess: [{ name: odd, deny: [odd], narrows: true }, { name: rest, allow: [all] }]',
    [
      /^narrowed-by-tier-2: Rule "odd" of tier 2 may refuse some of what rule "ms" of tier 1 allows: it depends on dstDomainRegex of ACL "odd" \(tier 2\)$/,
    ],
  ],
  'shows that nobody is known at the second tier': [
    MICROSOFT,
    'acls: { api: { namespaces: [api] } }\naccess: [{ name: api, allow: [api] }]',
    [/^refused-by-tier-2: No rule of tier 2 allows/],
  ],
  'passes by rules that only report, at either tier': [
    'acls: { tls: { ports: [443] } }\naccess: [{ name: web, allow: [all], mode: report }, { name: tls, allow: [tls] }]',
    'acls: { tls: { ports: [443] } }\naccess: [{ name: odd, deny: [tls], mode: report }, { name: tls, allow: [tls] }]',
    [],
  ],
};

for (const [what, [first, second, expected]] of Object.entries(PAIRS)) {
  t.test(`lintTiers() ${what}`, async (t) => {
    const found = await between(first, second);
    t.equal(found.length, expected.length, found.join('\n'));
    for (const [index, pattern] of expected.entries()) t.match(found[index], pattern);
  });
}

t.test('lintTiers() needs to know where tier 2 sees tier 1', async (t) => {
  const [first, second] = [await firstTier(MICROSOFT), await secondTier(MICROSOFT)];
  t.match(lintTiers(first, second, { nowMs: NOW, via: undefined }), [
    { code: 'cannot-prove', path: '', message: /nothing says where tier 2 sees tier 1 come from/ },
  ]);
  t.same(lintTiers(first, second, { nowMs: NOW, via: networks('10.0.0.0/8') }), []);
  const [ofThree] = lintTiers(first, second, { nowMs: NOW, via: undefined, tiers: 3 });
  t.match(ofThree?.fix, /^Write hop\.trust\.from in tier 2, or check these two files by themselves/);
});

t.test('lintTiers() tells labels that tier 1 does not tell, where tier 2 asks for them', async (t) => {
  const second = `acls: { api: { podLabels: { app: api } } }
access: [{ name: api, allow: [api] }, { name: all, allow: [all] }]`;
  t.match(await findingsBetween(MICROSOFT, second), [
    { code: 'label-only-in-tier-2', file: 't2.yaml', line: 3, acl: 'api' },
  ]);
});

t.test('lintTiers() tells what tier 2 refuses where ways back are too much work', async (t) => {
  const second = await secondTier('access: [{ name: nothing, deny: [all] }]');
  const options = { nowMs: NOW, via: networks('10.0.0.0/8') };
  t.match(lintTiers(await firstTier(MICROSOFT), tooMuchToFollow(second), options), [
    { code: 'cannot-prove', message: /^Cannot prove that no peer leads back: / },
    { code: 'refused-by-tier-2' },
  ]);
});

t.test('isChain() asks for a route that leads on', async (t) => {
  t.equal(isChain((await firstTier(MICROSOFT)).config), true);
  t.equal(isChain((await secondTier(MICROSOFT)).config), false);
});

t.test('lintTiers() tells fifty of a kind and counts the rest, whatever else there is', async (t) => {
  const ports = Array.from({ length: 60 }, (_, index) => index + 1);
  const acls = `acls: { ${ports.map((port) => `p${port}: { ports: [${port}] }`).join(', ')} }`;
  const rules = (tail: (port: number) => string): string =>
    `access: [${ports.map((port) => `{ name: r${port}, ${tail(port)} }`).join(', ')}]`;
  const first = `${acls}\n${rules((port) => `allow: [p${port}]`)}`;
  const second = `${acls}\n${rules((port) => `deny: [p${port}]${port < 60 ? ', narrows: true' : ''}`)}`;
  const found = await findingsBetween(first, second);
  const narrowed = found.filter(({ code }) => code === 'narrowed-by-tier-2');
  t.same([narrowed.length, narrowed.at(-1)?.more], [50, 9]);
  t.same(
    found.filter(({ level }) => level === 'error').map(({ code, rule }) => [code, rule]),
    [['refused-by-tier-2', 'r60']],
    'an error behind all of them is told',
  );
});

t.test('lint() knows that no URL is looked at in a tunnel', async (t) => {
  const studied = await firstTier(
    'acls: { odd: { methods: [CONNECT], urlRegex: [x] } }\naccess: [{ name: odd, deny: ["!odd"] }]',
  );
  t.same(
    lint(studied, NOW).map(({ code }) => code),
    ['contradictory-acl'],
  );
});

t.test(
  'lintTiers() tells in whose file it is what the two need of each other, and that one leads back',
  async (t) => {
    const first = `listeners: [{ name: main, address: 10.128.0.5:3138 }]
acls: { pods: { src: [10.0.0.0/8] } }
access: [{ name: pods, allow: [pods] }]`;
    const second = `acls: { odd: { ports: [1] } }
access: [{ name: odd, deny: [odd], narrows: true }, { name: all, allow: [all] }]
peers: { back: { address: "10.128.0.5:3138", hop: true } }
routes: [{ name: out, peers: [back], resolve: here }]`;
    t.match(await findingsBetween(first, second), [
      { code: 'impatient-tier-1', file: 't1.yaml' },
      { code: 'loop', file: 't2.yaml', witness: { via: /^10\./ } },
      { code: 'narrowed-by-tier-2', file: 't2.yaml' },
    ]);
  },
);

t.test('lintTiers() says that two files are not compared, and nothing else', async (t) => {
  const direct = 'access: [{ name: all, allow: [all] }]';
  const found = lintTiers(await secondTier(direct), await secondTier(direct), { nowMs: NOW, via: undefined });
  t.match(found, [
    {
      code: 'not-compared',
      level: 'warning',
      path: 'routes',
      message: /^Tier 1 and tier 2 are not compared: no route of \w+ leads to a peer$/,
      fix: /check each with the tier before it, or both with --alone$/,
    },
  ]);
  t.equal(found.length, 1);
});
