import t from 'tap';
import { peersInUse, waysBack } from '#study/lint/way-back.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';

interface Parts {
  /** Address to listen on. */
  readonly at?: string;
  /** Address of its only peer. */
  readonly to: string;
  readonly more?: string;
}

async function tier({ at = '127.0.0.1:3128', to, more = '' }: Parts) {
  const { config } = await firstTier(`listeners: [{ name: main, address: "${at}" }]
openProxy: true
access: [{ name: everything, allow: [all] }]
peers: { next: { address: "${to}" }, unused: { address: "localhost:3128" } }
routes: [{ name: out, peers: [next] }]
${more}`);
  return config;
}

/** What is told of one tier, or of the last of several: the listener of the first that it leads to, and why. */
async function told(...way: readonly [Parts, ...Parts[]]): Promise<string[]> {
  const [first, ...rest] = way;
  const tiers = [await tier(first), ...(await Promise.all(rest.map(tier)))] as const;
  return waysBack(tiers).map(({ peer, listener, by }) => `${peer.name} ${listener.name} ${by ?? ''}`.trim());
}

const hosts = (name: string, addresses: string): string => `dns: { hosts: { ${name}: ${addresses} } }`;
const FAR = '10.0.0.5:3128';
const LOCAL = 'next main "localhost" is this host';
const AUDIENCE = `acls: { t2: { src: [10.0.0.0/8] } }
hop: { trust: { from: [t2], keyFiles: [hop.key], audience: ["t1.example:3128"] } }`;

const ONE: Readonly<Record<string, readonly [Parts, ...string[]]>> = {
  'localhost, where it listens on that': [{ to: 'localhost:3128' }, LOCAL],
  'localhost of IPv6': [{ at: '[::1]:3128', to: 'localhost:3128' }, LOCAL],
  'localhost, where it listens everywhere': [{ at: '0.0.0.0:3128', to: 'localhost:3128' }, LOCAL],
  'nothing at another port': [{ to: 'localhost:3138' }],
  'nothing where localhost is somewhere else': [
    { to: 'localhost:3128', more: hosts('localhost', '10.0.0.9') },
  ],
  'a name of dns.hosts': [
    { at: FAR, to: 'vm.example:3128', more: hosts('vm.example', '[10.0.0.9, 10.0.0.5]') },
    'next main dns.hosts makes "vm.example" 10.0.0.5',
  ],
  'nothing by a name that only DNS knows, or JavaScript': [{ at: FAR, to: 'constructor:3128' }],
};

for (const [what, [parts, ...expected]] of Object.entries(ONE)) {
  t.test(`waysBack() of one tier finds ${what}`, async (t) => {
    t.same(await told(parts), expected);
  });
}

t.test('waysBack() of two finds an address, and one that the first has for its own', async (t) => {
  const first = { at: FAR, to: 't2.example:3128' };
  t.same(await told(first, { to: '10.0.0.5:3128' }), ['next main']);
  t.same(await told(first, { to: '10.0.0.6:3128' }), []);
  const folder = t.testdir({ 'hop.key': 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n' });
  const { config } = await secondTier(
    `listeners: [{ name: main, address: "${FAR}" }]\naccess: [{ name: t2, allow: [t2] }]\n${AUDIENCE}`,
    folder,
  );
  const by = waysBack([config, await tier({ to: 't1.example:3128' })]).map((back) => back.by);
  t.same(by, ['hop.trust.audience has that address']);
  t.same(waysBack([config, await tier({ to: 't2.example:3128' })]), []);
});

t.test('waysBack() takes loopback for another tier only where that is on the same host', async (t) => {
  const back = { at: '127.0.0.1:3138', to: '127.0.0.1:3128' };
  t.same(await told({ to: 'localhost:3138' }, back), ['next main']);
  t.same(await told({ to: 't2.example:3138' }, back), []);
  t.same(await told({ to: 'localhost:3137' }, back), [], 'and it is that one');
  const third = { at: '127.0.0.1:3148', to: '127.0.0.1:3128' };
  t.same(await told({ to: 'localhost:3138' }, { at: '127.0.0.1:3138', to: '[::1]:3148' }, third), []);
  t.same(await told({ to: 'localhost:3138' }, { at: '127.0.0.1:3138', to: '127.0.0.1:3148' }, third), [
    'next main',
  ]);
});

t.test('peersInUse() are those that a route names', async (t) => {
  t.same(
    peersInUse(await tier({ to: 'vm:1' })).map(({ name }) => name),
    ['next'],
  );
});
