import t from 'tap';
import { compileAcls } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import type { RouteOptions } from '#peer/options.ts';
import { chooseRoute, compileRoutes, type Route } from '#peer/route.ts';
import { peerAt, wish } from '../../fixtures/peer.ts';
import { networks, subject } from '../../fixtures/subject.ts';

const ACLS = compileAcls({
  microsoft: { dstDomains: [parseDomainPattern('.microsoft.com')] },
  localnet: { src: networks('10.128.0.0/14') },
  private: { dst: networks('10.0.0.0/8') },
});
const PEERS = new Map(['vm-a', 'vm-b'].map((name, port) => [name, peerAt(name, port + 1)]));

function route(name: string, parts: Partial<RouteOptions> = {}): RouteOptions {
  const direct = parts.peers === undefined;
  const rest = { balance: 'failover', source: undefined, resolve: 'peer' } as const;
  return { name, when: [], peers: [], direct, ...rest, ...parts };
}

function compile(...options: readonly RouteOptions[]): readonly Route[] {
  return compileRoutes(options, { acls: ACLS, peers: PEERS });
}

t.test('chooseRoute() takes the first route whose conditions all hold', async (t) => {
  const routes = compile(
    route('microsoft', { when: ['microsoft', 'localnet'], peers: ['vm-a'] }),
    route('others', { when: ['!microsoft'], peers: ['vm-b'] }),
    route('rest', { peers: ['vm-a', 'vm-b'] }),
  );
  const chosen = (parts: object): string | undefined => chooseRoute(routes, subject(parts))?.name;
  t.equal(chosen({}), 'microsoft');
  t.equal(chosen({ host: 'example.com' }), 'others');
  t.equal(chosen({ client: '192.0.2.1' }), 'rest');
});

// Attacks: no-direct.
t.test('chooseRoute() knows no way out but the routes', async (t) => {
  t.equal(chooseRoute(compile(), subject()), undefined);
  t.equal(chooseRoute(compile(route('only', { when: ['!localnet'] })), subject()), undefined);
});

t.test('chooseRoute() does not take a route whose condition is not known yet', async (t) => {
  for (const acl of ['private', '!private']) {
    t.equal(chooseRoute(compile(route('maybe', { when: [acl] })), subject()), undefined, acl);
  }
});

t.test('compileRoutes() gives the peers of a route in its order, and none to a direct one', async (t) => {
  const [direct, chained] = compile(route('direct'), route('chained', { peers: ['vm-b', 'vm-a'] }));
  t.equal(direct?.direct, true);
  t.equal(direct?.selector, undefined);
  t.equal(chained?.direct, false);
  t.same(
    chained?.selector?.order(0, wish()).map(({ name }) => name),
    ['vm-b', 'vm-a'],
  );
  t.equal(
    chained?.selector?.order(0, wish())[0],
    PEERS.get('vm-b'),
    'the peers themselves, with their state',
  );
});

t.test('compileRoutes() gives routes that cannot be changed', async (t) => {
  for (const one of compile(route('direct'), route('out'))) t.ok(Object.isFrozen(one));
});

t.test('compileRoutes() refuses peers and ACLs that are not there', async (t) => {
  t.throws(() => compile(route('out', { peers: ['vm-c'] })), {
    message: 'Route "out" names the unknown peer "vm-c"',
  });
  t.throws(() => compile(route('out', { when: ['google'] })), /ACL "google" is not defined/);
});
