import t from 'tap';
import { waysBetween } from '#study/lint/hop-way.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';

const RULES = 'access: [{ name: everything, allow: [all] }]';

/** Names of peers, and of the listeners that each may come to. */
async function ways(peers: string, route = 'a, b', listeners = 'main:3128') {
  const first = `${RULES}\npeers: { ${peers} }\nroutes: [{ name: out, peers: [${route}] }]`;
  const doors = listeners.split(' ').map((one) => {
    const [name, port] = one.split(':');
    return `{ name: ${name}, address: "${port === undefined ? 'systemd:weir' : `127.0.0.1:${port}`}" }`;
  });
  const second = `listeners: [${doors.join(', ')}]\n${RULES}`;
  const found = waysBetween((await firstTier(first)).config, (await secondTier(second)).config);
  return found.map((way) => [way.peer.name, ...way.doors.map(({ name }) => name)]);
}

t.test('waysBetween() leads from peers to the listeners with their port', async (t) => {
  const two = 'a: { address: "a.test:3128" }, b: { address: "b.test:8080" }';
  t.same(await ways(two), [['a', 'main'], ['b']]);
  t.same(await ways(two, 'a'), [['a', 'main']], 'a peer that no route names is not used');
  t.same(await ways(two, 'a, b', 'main:3128 side:8080'), [
    ['a', 'main'],
    ['b', 'side'],
  ]);
  t.same(
    await ways(two, 'a', 'main:3128 passed'),
    [['a', 'main', 'passed']],
    'nobody knows the port of a socket of systemd’s',
  );
});

t.test('waysBetween() takes those without hop for no Weir where others have it', async (t) => {
  t.same(await ways('a: { address: "a.test:3128" }, b: { address: "b.test:3128", hop: true }'), [
    ['b', 'main'],
  ]);
});
