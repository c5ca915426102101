import t from 'tap';
import type { PolicyOptions } from '#acl/policy.ts';
import type { AclOptions } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePattern } from '#match/patterns.ts';
import { EVERYTHING, NOTHING, type Region } from '#study/space/regions.ts';
import { Space, urlOf } from '#study/space/space.ts';
import { networks } from '../../../fixtures/subject.ts';

const NOW = Date.parse('2026-11-28T00:00Z');

function spaceOf(acls: Readonly<Record<string, AclOptions>>, access: PolicyOptions['access'] = []): Space {
  return new Space([{ policy: { acls, access }, listeners: ['main'] }], NOW);
}

/** Methods and targets of all requests in the region, with where their names lead to. */
function requestsIn(space: Space, region: Region): string[] {
  return [...space.requestsIn(region)].map(([subject]) => {
    const { method, host, destination } = subject ?? {};
    return `${method} ${host?.text} ${destination?.text}`;
  });
}

t.test('Space.possible has no address that is not known, and all else', async (t) => {
  const space = spaceOf({});
  const { regions, possible, resolved } = space;
  t.same(requestsIn(space, regions.and(possible, resolved)), ['CONNECT elsewhere.example 198.51.100.1']);
  t.same(requestsIn(space, regions.minus(possible, resolved)), ['CONNECT elsewhere.example undefined']);
});

t.test('Space.possible knows where an expression has nothing to look at', async (t) => {
  const space = spaceOf({
    name: { dstDomainRegex: [parsePattern('x')] },
    url: { urlRegex: [parsePattern('x')] },
    who: { users: ['*'] },
  });
  const { regions, possible } = space;
  const [name, url, who] = ['name', 'url', 'who'].map((acl) =>
    regions.and(possible, space.acl(0, acl).isTrue),
  );
  t.ok(requestsIn(space, name ?? NOTHING).every((text) => text.includes('elsewhere.example')));
  t.ok(requestsIn(space, url ?? NOTHING).every((text) => !text.startsWith('CONNECT')));
  t.ok(requestsIn(space, who ?? NOTHING).some((text) => text.startsWith('CONNECT 198.51.100.1')));
});

t.test('Space.acl() is true, false, pending, and unknown in the rest', async (t) => {
  const space = spaceOf({
    both: { dstDomains: [parseDomainPattern('a.test')], dst: networks('10.0.0.0/8'), src: undefined },
    none: {},
  });
  const { regions, possible } = space;
  const { isTrue, isFalse, isPending } = space.acl(0, 'both');
  const within = (region: Region): string[] => requestsIn(space, regions.and(region, possible));
  t.same(within(isTrue)[0], 'CONNECT a.test 10.0.0.1');
  t.ok(within(isFalse).includes('CONNECT a.test 198.51.100.1'));
  const elsewhere = regions.and(isFalse, regions.minus(possible, space.resolved));
  t.same(within(elsewhere), ['CONNECT elsewhere.example undefined'], 'one false is enough');
  t.ok(within(isPending).includes('CONNECT a.test undefined'));
  t.ok(
    within(regions.minus(possible, regions.or(isTrue, isFalse, isPending))).includes(
      'CONNECT 10.0.0.1 10.0.0.1',
    ),
    'a domain list knows nothing of an address',
  );
  for (const name of ['none', 'all']) {
    t.same(space.acl(0, name), { isTrue: EVERYTHING, isFalse: NOTHING, isPending: NOTHING });
  }
});

t.test('Space.before() divides at the end of a rule', async (t) => {
  const until = Date.parse('2026-12-01T00:00Z');
  const space = spaceOf({}, [{ name: 'r', allow: ['all'], until }]);
  const momentsIn = (region: Region): (number | undefined)[] => [
    ...new Set([...space.requestsIn(region)].map(([subject]) => subject?.timeMs)),
  ];
  t.same(momentsIn(space.regions.and(space.possible, space.before(until))), [NOW]);
  t.same(momentsIn(space.regions.minus(space.possible, space.before(until))), [until]);
});

t.test(
  'Space.fromSources() is what reaches a hop from there, and nothing where no network is given',
  async (t) => {
    const policy = { acls: {}, access: [] };
    const space = new Space(
      [
        { policy, listeners: ['one'] },
        { policy, listeners: ['two'], sources: networks('10.0.0.0/8') },
      ],
      NOW,
    );
    t.equal(space.fromSources(0), NOTHING);
    const [request] = space.requestsIn(space.regions.and(space.possible, space.fromSources(1)));
    t.same(
      request?.map(({ clientAddress, listener }) => [clientAddress.text, listener]),
      [
        ['192.0.2.1', 'one'],
        ['10.0.0.1', 'two'],
      ],
    );
  },
);

t.test('Space.requestsIn() gives a request no more than every request has', async (t) => {
  const space = spaceOf({ a: { methods: ['GET'], ports: [{ first: 80, last: 80, text: '80' }] } });
  const [tunnel] = [...space.requestsIn(space.possible)].map(([subject]) => subject);
  t.match(tunnel, { requestUrl: undefined, headers: ['Host', 'elsewhere.example:443'], user: undefined });
  const [plain] = [...space.requestsIn(space.regions.and(space.possible, space.acl(0, 'a').isTrue))].flat();
  t.match(plain, { method: 'GET', port: 80, requestUrl: 'http://elsewhere.example/' });
});

t.test('Space knows which ACLs ask what a name leads to, and what it does not understand', async (t) => {
  t.equal(spaceOf({ a: { src: networks('10.0.0.0/8') } }).usesDestination, false);
  t.equal(spaceOf({ a: { dst: networks('10.0.0.0/8') } }).usesDestination, true);
  const space = spaceOf({ a: { users: ['*'] } });
  t.same(
    space.opaque.map(({ key }) => key),
    ['users'],
  );
  t.equal(space.sizes.length, 8);
  t.same(Object.keys(space.policyAt(0).acls), ['a']);
});

t.test('Space.trace is every TRACE and nothing else', async (t) => {
  const space = spaceOf({});
  const methods = [...space.requestsIn(space.regions.and(space.possible, space.trace))].map(
    ([subject]) => subject?.method,
  );
  t.same([...new Set(methods)], ['TRACE']);
});

t.test('urlOf() leaves the default port out', async (t) => {
  t.same(['a.test:80', 'a.test:8080', '[2001:db8::1]:80'].map(urlOf), [
    'http://a.test/',
    'http://a.test:8080/',
    'http://[2001:db8::1]/',
  ]);
});
