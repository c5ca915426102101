import t from 'tap';
import { WayTaken } from '#study/lint/way-taken.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';
import { subject } from '../../../fixtures/subject.ts';

const NOW = Date.parse('2026-11-28T00:00Z');
const PEERS = 'peers: { vm: { address: "t2.example:3128", hop: true }, back: { address: "localhost:3128" } }';
const POLICY = `acls: { a: { dstDomains: [.a.example] }, b: { dstDomains: [.b.example] }, tls: { ports: [443] } }
access: [{ name: report, allow: [all], mode: report }, { name: no, deny: ["!tls"] }, { name: a, allow: [a] }, { name: b, allow: [b] }]`;

/** Hosts of the given ones that go by peer `back` of one tier with these routes. */
async function taken(routes: string): Promise<{ isPossible: boolean; hosts: string[] }> {
  const { config } = await firstTier(`${POLICY}\n${PEERS}\nroutes: [${routes}]`);
  const way = new WayTaken([config], 'back', NOW);
  const hosts = ['a.example', 'b.example', 'c.example'];
  const isShown = (host: string): boolean => way.shows([subject({ host, port: 443 })]);
  return { isPossible: way.isPossible, hosts: hosts.filter(isShown) };
}

t.test('WayTaken goes by rules and routes of one tier', async (t) => {
  t.same(await taken('{ name: b, when: [b], peers: [back] }, { name: out, peers: [vm] }'), {
    isPossible: true,
    hosts: ['b.example'],
  });
  t.same(await taken('{ name: b, when: [b], peers: [vm] }, { name: out, peers: [vm, back] }'), {
    isPossible: true,
    hosts: ['a.example'],
  });
  t.same(await taken('{ name: b, when: [b], peers: [back] }'), { isPossible: true, hosts: ['b.example'] });
  t.same(await taken('{ name: out, peers: [vm] }, { name: never, peers: [back] }'), {
    isPossible: false,
    hosts: [],
  });
});

t.test('WayTaken goes through all tiers', async (t) => {
  const { config: first } = await firstTier(POLICY);
  const second = async (rest: string) => {
    const { config } =
      await secondTier(`acls: { tier_1: { src: [10.0.0.0/8] }, b: { dstDomains: [.b.example] } }
access: [{ name: b, allow: [b] }]
${PEERS}
routes: [{ name: out, peers: [back] }]
${rest}`);
    return new WayTaken([first, config], 'back', NOW);
  };
  const open = await second('');
  const asked = (host: string) => [1, 2].map(() => subject({ host, port: 443 }));
  t.ok(open.shows(asked('b.example')));
  t.notOk(open.shows(asked('a.example')), 'the second refuses');
  const sources = async (rest: string): Promise<boolean> => {
    const { space, region } = await second(rest);
    const [[, beyond] = []] = [...space.requestsIn(region)];
    return beyond?.clientAddress.text.startsWith('10.') === true;
  };
  t.ok(await sources('hop: { trust: { from: [tier_1] } }'), 'from where the first is');
  t.notOk(await sources(''), 'which may be anywhere');
  t.notOk(await sources('hop: { trust: { from: [tier_1, "!all"] } }'), 'as where nobody is trusted');
});
