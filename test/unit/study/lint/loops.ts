import t from 'tap';
import { lint } from '#study/lint/lint.ts';
import { lintLoops } from '#study/lint/loops.ts';
import { lintTiers } from '#study/lint/tiers.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';

const NOW = Date.parse('2026-11-28T00:00Z');
const PEERS = 'peers: { vm: { address: "t2.example:3128", hop: true }, back: { address: "localhost:3128" } }';
const SELF = `acls: { a: { dstDomains: [.a.example] }, b: { dstDomains: [.b.example] }, tls: { ports: [443] } }
access: [{ name: report, allow: [all], mode: report }, { name: no, deny: ["!tls"] }, { name: a, allow: [a] }, { name: b, allow: [b] }]`;

/** What is found of one tier with these routes. */
async function ofOne(routes: string, policy = SELF) {
  const { config } = await firstTier(`${policy}\n${PEERS}\nroutes: [${routes}]`);
  return lintLoops([config], NOW);
}

t.test('lintLoops() shows a request that goes to a peer that is the tier itself', async (t) => {
  t.match(await ofOne('{ name: b, when: [b], peers: [back] }, { name: out, peers: [vm] }'), [
    {
      code: 'loop',
      path: ['peers', 'back', 'address'],
      message:
        'Peer "back" (localhost:3128) leads back to listener "main" of this tier itself: "localhost" is this host',
      witness: { target: 'b.example:443', method: 'CONNECT', via: undefined },
    },
  ]);
  t.match(await ofOne('{ name: b, when: [b], peers: [vm] }, { name: out, peers: [back] }'), [
    { witness: { target: 'a.example:443' } },
  ]);
});

t.test('lintLoops() has nothing to say where no request takes that way', async (t) => {
  t.same(await ofOne('{ name: out, peers: [vm] }, { name: never, peers: [back] }'), []);
  t.same(await ofOne('{ name: out, peers: [vm] }'), []);
});

t.test('lintLoops() tells what it cannot show as well', async (t) => {
  const odd = 'acls: { odd: { dstDomainRegex: [never] } }\naccess: [{ name: odd, allow: [odd] }]';
  const [found, ...more] = await ofOne('{ name: out, peers: [back] }', odd);
  t.equal(found?.code, 'loop');
  t.equal(found?.witness, undefined);
  t.same(more, []);
});

const FIRST = `listeners: [{ name: main, address: 10.128.0.5:3138 }]
acls: { pods: { src: [10.0.0.0/8] } }
access: [{ name: pods, allow: [pods] }]`;
const second = (
  access: string,
  trust: string,
): string => `acls: { tier_1: { src: [10.128.0.0/14] }, tls: { ports: [443] } }
access: [${access}]
peers: { back: { address: "10.128.0.5:3138", hop: true } }
routes: [{ name: tls, when: [tls], peers: [back] }, { name: out, direct: true }]
timeouts: { establish: 8s }
${trust}`;

t.test('lintLoops() shows a request that comes back from the second of two', async (t) => {
  const tiers = [
    await firstTier(FIRST),
    await secondTier(second('{ name: all, allow: [tier_1] }', 'hop: { trust: { from: [tier_1] } }')),
  ] as const;
  const found = lintTiers(...tiers, { nowMs: NOW, via: undefined });
  t.match(found, [
    {
      code: 'loop',
      file: 't2.yaml',
      level: 'error',
      message: 'Peer "back" (10.128.0.5:3138) of tier 2 leads back to listener "main" of tier 1',
      witness: { target: /:443$/, client: /^10\./, via: /^10\.12[89]\.|^10\.13[01]\./ },
    },
  ]);
  t.equal(found.length, 1);
});

t.test('lintLoops() takes tier 1 to come from anywhere where tier 2 does not say from where', async (t) => {
  const first = await firstTier(FIRST);
  const open = await secondTier(second('{ name: all, allow: [tier_1] }', ''));
  t.match(lintLoops([first.config, open.config], NOW), [{ code: 'loop', witness: { via: /^10\./ } }]);
  const strange = await secondTier(
    second('{ name: all, allow: [tier_1] }', 'hop: { trust: { from: [tier_1, "!all"] } }'),
  );
  t.match(lintLoops([first.config, strange.config], NOW), [{ code: 'loop', witness: { via: /^10\./ } }]);
  const refused = await secondTier(second('{ name: tls, deny: [tls] }, { name: all, allow: [tier_1] }', ''));
  t.same(lintLoops([first.config, refused.config], NOW), []);
});

t.test('lint() tells of a peer that is the tier itself', async (t) => {
  const studied = await firstTier(`${SELF}\n${PEERS}\nroutes: [{ name: out, peers: [back] }]`);
  t.match(
    lint(studied, NOW).filter(({ level }) => level === 'error'),
    [{ code: 'loop', file: 't1.yaml' }],
  );
});
