import t from 'tap';
import { namesShown } from '#study/hop-certificate.ts';
import { lintTiers } from '#study/lint/tiers.ts';
import { firstTier, secondTier } from '../../fixtures/studied.ts';
import { Issuer } from '../../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const [t1, t2] = await Promise.all([
  issuer.issue('t1', { names: 'DNS:t1.intra-proxy' }),
  issuer.issue('t2', { names: 'DNS:t2.example' }),
]);
const { caFile } = issuer;
const ACCESS = 'access: [{ name: everything, allow: [all] }]';
const SHOWS = `tls: { ca: ${caFile}, cert: ${t1.certFile}, key: ${t1.keyFile} }`;
const OTHER = `tls: { ca: ${caFile}, cert: ${t2.certFile}, key: ${t2.keyFile} }`;
const ASKS = `tls: { cert: ${t2.certFile}, key: ${t2.keyFile}, clientCa: ${caFile} }`;

/** The file of tier 1, with peers of these keys. */
function firstOf(...peers: readonly string[]) {
  const named = peers.map((keys, index) => `p${index}: { address: "t2.example:3128", ${keys} }`);
  const names = peers.map((_, index) => `p${index}`);
  return firstTier(`${ACCESS}\npeers: { ${named.join(', ')} }\nroutes: [{ name: out, peers: [${names}] }]`);
}

const ROWS: Readonly<Record<string, readonly [peers: readonly string[], listener: string, isTold: boolean]>> =
  {
    'one peer': [[SHOWS], ASKS, true],
    'two peers that are shown the same': [[SHOWS, SHOWS], ASKS, true],
    'two peers that are shown others': [[SHOWS, OTHER], ASKS, false],
    'a peer that is shown none': [[`tls: { ca: ${caFile} }`], ASKS, false],
    'a plain peer': [[''], ASKS, false],
    'a listener that asks for none': [[SHOWS], ASKS.replace(/, clientCa.*/, ' }'), false],
    'a listener behind a balancer': [[SHOWS], `${ASKS}, proxyProtocol: { from: [10.0.0.0/8] }`, false],
  };

for (const [what, [peers, listener, isTold]] of Object.entries(ROWS)) {
  t.test(`namesShown() ${isTold ? 'reads the certificate' : 'knows nothing'} of ${what}`, async (t) => {
    const { config } = await firstOf(...peers);
    const second = await secondTier(
      `listeners: [{ name: main, address: "127.0.0.1:3128", ${listener} }]\n${ACCESS}`,
    );
    const names = namesShown(Object.values(config.peers), second.config.listeners);
    t.equal(names?.has('dns:t1.intra-proxy') ?? false, isTold);
  });
}

t.test('namesShown() knows nothing of what cannot be read', async (t) => {
  const { config } = await firstOf(SHOWS);
  const second = await secondTier(
    `listeners: [{ name: main, address: "127.0.0.1:3128", ${ASKS} }]\n${ACCESS}`,
  );
  const [peer] = Object.values(config.peers);
  const broken = { ...peer, tls: { ...peer?.tls, own: { ...peer?.tls?.own, cert: 'no certificate' } } };
  t.equal(namesShown([broken as typeof peer & object], second.config.listeners), undefined);
});

/** What is found where tier 2 binds tier 1 by that name. */
async function foundBy(name: string): Promise<string[]> {
  const second = await secondTier(
    [
      `listeners: [{ name: main, address: "127.0.0.1:3128", ${ASKS} }]`,
      `acls: { tier_1: { clientCerts: ["${name}"] } }`,
      'access: [{ name: ours, allow: [tier_1] }]',
      'hop: { trust: { from: [tier_1] } }',
    ].join('\n'),
  );
  const found = lintTiers(await firstOf(SHOWS), second, { nowMs: 0, via: undefined });
  return found.filter(({ level }) => level === 'error').map(({ code }) => code);
}

t.test(
  'lintTiers() proves by the certificate that tier 1 shows, whom tier 2 trusts by its name',
  async (t) => {
    t.same(await foundBy('dns:t1.intra-proxy'), []);
    t.same(await foundBy('dns:t3.intra-proxy'), ['refused-by-tier-2'], 'not by another');
  },
);
