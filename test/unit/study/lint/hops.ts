import t, { type Test } from 'tap';
import { lintHops } from '#study/lint/hops.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';
import { networks } from '../../../fixtures/subject.ts';
import { Issuer } from '../../../fixtures/tls.ts';

const RULES =
  'acls: { tier_1: { src: [10.1.0.0/16] }, always: { time: { hours: "00:00-24:00", timeZone: UTC } } }\naccess: [{ name: everything, allow: [tier_1] }]';
const TRUST = 'hop: { trust: { from: [tier_1] } }';

interface Row {
  readonly first?: string;
  readonly second?: string;
  readonly via?: string;
  readonly found: readonly string[];
}

async function between({ first = '', second = TRUST, via }: Omit<Row, 'found'>): Promise<string[]> {
  const found = lintHops({
    first: (await firstTier(`${RULES}\n${first}`)).config,
    second: (await secondTier(`${RULES}\n${second}`)).config,
    via: via === undefined ? undefined : networks(via),
  });
  return found.map(
    ({ remark, isOfFirst }) => `${isOfFirst ? 't1' : 't2'} ${remark.code} ${remark.path.join('.')}`,
  );
}

const BEHIND = `listeners: [{ name: main, address: 127.0.0.1:3128, proxyProtocol: { from: [10.0.0.0/8] } }]\n${TRUST}`;

const ROWS: Readonly<Record<string, Row>> = {
  'nothing where all is well': { found: [] },
  'a tier 1 that gives up first': {
    first: 'timeouts: { establish: 8s }',
    found: ['t1 impatient-tier-1 timeouts.establish'],
  },
  'a tier 2 that is patient': {
    second: `timeouts: { establish: 20s }\n${TRUST}`,
    found: ['t1 impatient-tier-1 timeouts.establish'],
  },
  'a listener that wants a header from tier 1': {
    second: BEHIND,
    found: ['t2 proxy-header-wanted listeners.0.proxyProtocol.from'],
  },
  'no listener behind a balancer elsewhere': { second: BEHIND, via: '172.16.0.1', found: [] },
  'no listener behind a balancer in a network of tier 1': {
    second: BEHIND.replace('10.0.0.0/8', '10.1.9.0/24'),
    found: [],
  },
  'no listener that tier 1 does not dial': { second: BEHIND.replace(':3128', ':3129'), found: [] },
  'no listener where tier 2 trusts nobody': { second: BEHIND.replace(TRUST, ''), found: [] },
  'no listener where tier 1 is known by something else': {
    second: BEHIND.replace('[tier_1]', '[always]'),
    found: [],
  },
  'no listener where nobody knows whence tier 1 comes': {
    second: BEHIND.replace('[tier_1]', '["!tier_1"]'),
    found: [],
  },
};

for (const [what, { found, ...sides }] of Object.entries(ROWS)) {
  t.test(`lintHops() finds ${what}`, async (t) => {
    t.same(await between(sides), found);
  });
}

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());

const KEY = Buffer.alloc(32, 'abc').toString('base64');

/** What is said of the addresses of two peers, where tier 2 has these for its own. */
async function audience(t: Test, own: string, tlsOfB = ''): Promise<string[]> {
  const folder = t.testdir({ 'hop.key': KEY });
  const peers = `a: { address: "A.test:3128", hop: true }, b: { address: "b.test:3128", hop: true${tlsOfB} }`;
  const first = `${RULES}\npeers: { ${peers} }\nroutes: [{ name: out, peers: [a, b] }]\nhop: { assert: { keyFile: hop.key } }`;
  const second = `${RULES}\nhop: { trust: { from: [tier_1], keyFiles: [hop.key], audience: [${own}] } }`;
  const tiers = [await firstTier(first, folder), await secondTier(second, folder)] as const;
  const found = lintHops({ first: tiers[0].config, second: tiers[1].config, via: undefined });
  return found.map(({ remark }) => `${remark.code} ${remark.path.join('.')}: ${remark.fix}`);
}

t.test('lintHops() takes it for an error only where no peer can be meant', async (t) => {
  t.same(await audience(t, '"a.test:3128", "b.test:3128"'), []);
  t.same(await audience(t, '"c.test:3128"'), [
    'not-in-audience peers.a.address: Add "a.test:3128" to hop.trust.audience of tier 2',
    'not-in-audience peers.b.address: Add "b.test:3128" to hop.trust.audience of tier 2',
  ]);
  t.match(await audience(t, '"a.test:3128"'), [
    /^peer-does-not-fit peers\.b\.address: .*\. Where that peer is a machine with a file of its own, check that file$/,
  ]);
  t.match(
    await audience(t, '"b.test:3128"', `, tls: { ca: ${issuer.caFile} }`),
    [/^not-in-audience peers\.a\.address: /, /^tls-on-one-side peers\.b\.tls: /],
    'each for a reason of its own',
  );
});
