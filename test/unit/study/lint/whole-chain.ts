import t from 'tap';
import type { Studied } from '#study/lint/lint.ts';
import { lintChain } from '#study/lint/whole-chain.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';
import { networks } from '../../../fixtures/subject.ts';

const OPTIONS = { nowMs: Date.parse('2026-11-28T00:00Z'), via: undefined };
const TRUST = 'hop: { trust: { from: [before] } }';
const on = (port: number): string => `listeners: [{ name: main, address: 127.0.0.1:${port} }]`;
const to = (port: number): string =>
  `peers: { next: { address: "127.0.0.1:${port}", hop: true } }\nroutes: [{ name: out, peers: [next], resolve: here }]`;
const BEFORE = 'acls: { before: { src: [127.0.0.0/8] }, tls: { ports: [443] } }';
const ALL = `${BEFORE}\naccess: [{ name: all, allow: [before] }]`;

const t1 = (): Promise<Studied> =>
  firstTier(`${on(1001)}\n${ALL}\n${to(1002)}\ntimeouts: { establish: 14s }`);
const t2 = (policy = ALL): Promise<Studied> =>
  firstTier(`name: t2\n${on(1002)}\n${policy}\n${to(1003)}\n${TRUST}\ntimeouts: { establish: 12s }`);
const t3 = (rest: string, policy = ALL): Promise<Studied> =>
  secondTier(`name: t3\n${on(1003)}\n${policy}\n${rest}\n${TRUST}`);

t.test('lintChain() looks at each hop, and counts tiers from the first on', async (t) => {
  const refusing = `${BEFORE}\naccess: [{ name: tls, deny: [tls] }, { name: all, allow: [before] }]`;
  const [first, second, ...more] = lintChain([await t1(), await t2(), await t3('', refusing)], OPTIONS);
  t.same(first, { summary: 't1 to t2: all that the first sends is allowed by the second', findings: [] });
  t.match(second, {
    summary: 't2 to t3: not all that the first sends is known to be allowed by the second',
    findings: [
      {
        code: 'refused-by-tier-2',
        message: 'Rule "tls" of tier 3 refuses some of what rule "all" of tier 2 allows',
        fix: /^Let tier 3 allow it, or let tier 2 refuse it/,
        witness: { text: /through tier 2 at 127\./ },
      },
    ],
  });
  t.same(more, []);
});

t.test('lintChain() counts tiers in what is about the hop between two as well', async (t) => {
  const names = BEFORE.replace('ports: [443]', 'dstDomains: [.example.com]');
  const sending = `${names}\naccess: [{ name: all, allow: [tls] }]`;
  const odd = BEFORE.replace('tls: { ports: [443]', 'odd: { dstDomainRegex: [never]');
  const refusing = `${odd}\naccess: [{ name: odd, deny: [odd] }, { name: all, allow: [before] }]`;
  const last = await t3('timeouts: { establish: 14s }', refusing);
  const [, second] = lintChain([await t1(), await t2(sending), last], OPTIONS);
  t.match(second?.findings, [
    { message: 'Tier 2 gives up after 12 s, and tier 3 only after 14 s, so that why it failed is lost' },
    { message: /that rule "odd" of tier 3 refuses nothing that rule "all" of tier 2 allows: .*\(tier 3\)$/ },
  ]);
});

t.test('lintChain() says what is not compared, and nothing of files that do not load', async (t) => {
  const last = await t3('');
  t.match(lintChain([last, await t1()], OPTIONS), [
    {
      summary: 't3 to t1: not compared, no route of t3 leads to a peer',
      findings: [{ code: 'not-compared', level: 'warning', path: 'routes' }],
    },
  ]);
  t.same(lintChain([await t1(), undefined, last], OPTIONS), []);
  t.same(lintChain([undefined, undefined, last], OPTIONS), []);
  t.same(lintChain([await t1()], OPTIONS), []);
});

t.test('lintChain() says one thing of rules that narrow', async (t) => {
  const narrow = (acl: string): string =>
    `acls: { before: { src: [127.0.0.0/8] }, odd: { ${acl} } }
access: [{ name: odd, deny: [odd], narrows: true }, { name: all, allow: [before] }]`;
  for (const acl of ['ports: [443]', 'dstDomainRegex: [never]']) {
    const [pair] = lintChain([await t2(), await t3('', narrow(acl))], {
      ...OPTIONS,
      via: networks('127.0.0.0/8'),
    });
    t.match(pair, {
      summary:
        't2 to t3: all that the first sends is allowed by the second, but for what rules with narrows: true are meant to refuse',
      findings: [{ code: 'narrowed-by-tier-2', rule: 'odd' }],
    });
  }
});

t.test('lintChain() finds a way back by more than one tier', async (t) => {
  const [, , round, ...more] = lintChain([await t1(), await t2(), await t3(to(1001))], OPTIONS);
  t.match(round, {
    summary: 't1 to t2 to t3: not known to be free of loops',
    findings: [
      {
        code: 'loop',
        message: 'Peer "next" (127.0.0.1:1001) of tier 3 leads back to listener "main" of tier 1',
        witness: { client: /^127\./ },
      },
    ],
  });
  t.same(more, []);
});

t.test('lintChain() advises --via where there are two tiers, which it is for', async (t) => {
  const silent = await secondTier(`name: t3\n${on(1003)}\n${ALL}`);
  const fixes = (tiers: readonly Studied[]) =>
    lintChain(tiers, OPTIONS).flatMap(({ findings }) =>
      findings.flatMap(({ code, fix }) => (code === 'cannot-prove' ? [fix] : [])),
    );
  t.same(fixes([await t2(), silent]), ['Give --via CIDR, or write hop.trust.from in tier 2']);
  t.same(fixes([await t1(), await t2(), silent]), [
    'Write hop.trust.from in tier 3, or check these two files by themselves with --via CIDR',
  ]);
});
