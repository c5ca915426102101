import t from 'tap';
import type { PolicyOptions } from '#acl/policy.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePortRange } from '#match/ports.ts';
import { parseDays } from '#match/time.ts';
import { axesOf } from '#study/space/axes.ts';
import { type Axes, type Axis, answerId, type Hop } from '#study/space/axis.ts';
import { networks } from '../../../fixtures/subject.ts';

const NOW = Date.parse('2026-11-28T00:00Z');

function axes(acls: PolicyOptions['acls'], parts: Partial<Hop> = {}): Axes {
  return axesOf([{ policy: { acls, access: [] }, listeners: ['main'], ...parts }], NOW);
}

/** Samples of the classes that a matcher of ACL `a` holds for. */
function held<V>({ answers }: Axes, key: string, { samples, dimension }: Axis<V>): V[] {
  const answer = answers.get(answerId(0, 'a', key));
  return answer?.dimension === dimension ? samples.filter((_, index) => answer.holds.has(index)) : [];
}

t.test('axesOf() has every dimension even where nothing divides it', async (t) => {
  const { listeners, clients, method, port, time, host, destination, ...rest } = axes({});
  const samples = [...listeners, method, port, time, ...clients, host, destination].map(
    (axis) => axis.samples,
  );
  t.same(samples.slice(0, 4), [['main'], ['CONNECT', 'GET', 'TRACE'], [443n], [NOW]]);
  t.same(
    [...clients, destination].map((axis) => axis.samples.map((address) => address?.text)),
    [['192.0.2.1'], ['198.51.100.1', undefined]],
  );
  t.same(host.samples, ['elsewhere.example', undefined]);
  t.same(
    rest.sizes,
    samples.map((each) => each.length),
  );
  t.same([rest.opaque, rest.answers.size, rest.before.size], [[], 0, 0]);
});

t.test('axesOf() cuts each dimension by what ACLs say of it', async (t) => {
  const cut = axes(
    {
      a: {
        listeners: ['side'],
        methods: ['GET'],
        schemes: ['http'],
        ports: [parsePortRange(80)],
        time: { days: parseDays('sun') },
        src: networks('10.0.0.0/8'),
        dstDomains: [parseDomainPattern('a.test')],
        dst: networks('10.0.0.0/8'),
      },
    },
    { listeners: ['main', 'side'] },
  );
  t.same(held(cut, 'listeners', cut.listeners[0] as Axis<string>), ['side']);
  t.same(held(cut, 'methods', cut.method), ['GET']);
  t.same(held(cut, 'schemes', cut.method), ['GET', 'ACL', 'TRACE']);
  t.same(held(cut, 'ports', cut.port), [80n]);
  t.same(held(cut, 'time', cut.time), [Date.parse('2026-11-29T00:00Z')]);
  t.same(held(cut, 'dstDomains', cut.host), ['a.test']);
  const addresses = [
    held(cut, 'src', cut.clients[0] as Axes['clients'][number]),
    held(cut, 'dst', cut.destination),
  ];
  t.same(
    addresses.map((list) => list.map((address) => address?.text)),
    [['10.0.0.1'], ['10.0.0.1']],
  );
});

t.test('axesOf() knows what is unknown and what is pending', async (t) => {
  const { answers, host, destination } = axes({
    a: { dstDomains: [parseDomainPattern('a.test')], dst: networks('10.0.0.0/8'), users: ['*'] },
  });
  const [domains, addresses, users] = ['dstDomains', 'dst', 'users'].map((key) =>
    answers.get(answerId(0, 'a', key)),
  );
  t.same([[...(domains?.unknown ?? [])], domains?.pending.size], [[host.samples.indexOf(undefined)], 0]);
  t.same(
    [addresses?.unknown.size, [...(addresses?.pending ?? [])]],
    [0, [destination.samples.indexOf(undefined)]],
  );
  t.same([[...(users?.unknown ?? [])], [...(users?.holds ?? [])], users?.pending.size], [[0], [2], 0]);
});

t.test('axesOf() divides listeners and clients by the lists of their own hop', async (t) => {
  const first = { policy: { acls: { a: { src: networks('10.0.0.0/8') } }, access: [] }, listeners: ['one'] };
  const second = {
    policy: { acls: { a: { src: networks('192.0.2.0/24'), listeners: ['three'] } }, access: [] },
    listeners: ['two', 'three'],
  };
  const cut = axesOf([first, { ...second, sources: networks('10.9.0.0/16') }], NOW);
  t.same(
    cut.listeners.map(({ samples }) => samples),
    [['one'], ['two', 'three']],
  );
  t.same(
    cut.clients.map(({ samples }) => samples.map(({ text }) => text)),
    [
      ['192.0.2.1', '10.0.0.1'],
      ['192.0.2.1', '2001:db8::1', '10.9.0.1'],
    ],
  );
  t.same(
    cut.fromSources.map((classes) => [...classes]),
    [[], [2]],
  );
});

t.test('axesOf() divides time by the ends of rules, each once', async (t) => {
  const ends = ['2026-12-01T00:00Z', '2026-12-01T00:00Z', '2026-01-01T00:00Z'].map(Date.parse);
  const access = [...ends.map((until, index) => ({ name: `r${index}`, allow: ['all'], until }))];
  const { before, time } = axes(
    {},
    { policy: { acls: {}, access: [...access, { name: 'r', deny: ['all'] }] } },
  );
  t.same(time.samples, [NOW, ends[0]]);
  t.same(
    [...before].map(([end, classes]) => [end, [...classes]]),
    [
      [ends[0], [0]],
      [ends[2], []],
    ],
  );
});

t.test('axesOf() gives what is not understood one dimension for all that is alike', async (t) => {
  const { opaque, answers, sizes } = axes({ a: { users: ['x'] }, b: { users: ['x'] }, c: { users: ['y'] } });
  t.same(
    opaque.map(({ key, places }) => [key, ...places.map(({ acl }) => acl)]),
    [
      ['users', 'a', 'b'],
      ['users', 'c'],
    ],
  );
  const dimensions = ['a', 'b', 'c'].map((acl) => answers.get(answerId(0, acl, 'users'))?.dimension);
  t.same(dimensions, [7, 7, 8]);
  t.same(sizes.slice(7), [3, 3]);
});
