import t from 'tap';
import type { PolicyOptions } from '#acl/policy.ts';
import { findRequest, witnessOf } from '#study/lint/witness.ts';
import { Space } from '#study/space/space.ts';
import { networks, subject } from '../../../fixtures/subject.ts';

const NOW = Date.parse('2026-11-28T00:00Z');

function spaceOf(acls: PolicyOptions['acls']): Space {
  return new Space([{ policy: { acls, access: [] }, listeners: ['main'] }], NOW);
}

const plain = spaceOf({});
const judging = spaceOf({ a: { dst: networks('10.0.0.0/8') } });
const PARTS = { client: '192.0.2.1', listener: 'main', host: 'a.test', at: '2026-11-28T00:00Z' };

t.test('findRequest() gives the first request that the check holds for', async (t) => {
  const found = findRequest(judging, judging.possible, ([first]) => first?.destination?.text === '10.0.0.1');
  t.equal(found?.[0]?.destination?.text, '10.0.0.1');
  t.equal(
    findRequest(judging, judging.possible, () => false),
    undefined,
  );
});

t.test('findRequest() gives up after so many tries', async (t) => {
  const ports = Array.from({ length: 20 }, (_, index) => index + 1);
  const acls = ports.map((port) => {
    const own = { ports: [{ first: port, last: port, text: '' }] };
    return [`p${port}`, { ...own, src: networks(`10.0.${port}.0/24`) }] as const;
  });
  const space = spaceOf(Object.fromEntries(acls));
  const regions = ports.map((port) => space.acl(0, `p${port}`).isTrue);
  let tries = 0;
  const all = space.regions.minus(space.possible, space.regions.or(...regions));
  const found = findRequest(space, all, () => {
    tries += 1;
    return false;
  });
  t.same([found, tries], [undefined, 200]);
});

t.test('witnessOf() tells a tunnel by its authority, and plain HTTP by its URL', async (t) => {
  t.match(witnessOf(plain, [subject({ ...PARTS, port: 443 })]), {
    client: '192.0.2.1',
    listener: 'main',
    target: 'a.test:443',
    at: '2026-11-28T00:00:00Z',
    address: undefined,
    via: undefined,
    text: 'CONNECT a.test:443 from 192.0.2.1 on listener main at 2026-11-28T00:00:00Z',
  });
  t.equal(witnessOf(plain, [subject({ ...PARTS, method: 'GET', port: 80 })])?.target, 'http://a.test/');
  t.equal(witnessOf(plain, [subject({ ...PARTS, method: 'GET', port: 81 })])?.target, 'http://a.test:81/');
  t.equal(witnessOf(plain, []), undefined);
});

t.test('witnessOf() tells where a name leads to, where that is judged', async (t) => {
  const named = subject({ ...PARTS, destination: '10.0.0.1' });
  t.match(witnessOf(judging, [named])?.text, /^CONNECT a\.test:443 \(which is 10\.0\.0\.1\) from /);
  t.equal(witnessOf(plain, [named])?.address, undefined);
  t.equal(witnessOf(judging, [subject({ ...PARTS, host: '10.0.0.1' })])?.address, undefined);
});

t.test('witnessOf() tells where tier 2 sees tier 1', async (t) => {
  const beyond = subject({ client: '10.0.0.1' });
  t.match(witnessOf(plain, [subject(PARTS), beyond])?.text, /, through tier 1 at 10\.0\.0\.1$/);
});
