import t from 'tap';
import { compilePorts, parsePortRange } from '#match/ports.ts';
import { Tri } from '#match/tri.ts';
import { subject } from '../../fixtures/subject.ts';

const RANGES: readonly [value: number | string, first: number, last: number, text: string][] = [
  [443, 443, 443, '443'],
  ['443', 443, 443, '443'],
  [1, 1, 1, '1'],
  [65_535, 65_535, 65_535, '65535'],
  ['1025-65535', 1025, 65_535, '1025-65535'],
  ['1-65535', 1, 65_535, '1-65535'],
  ['80-80', 80, 80, '80'],
];

for (const [value, first, last, text] of RANGES) {
  t.test(`parsePortRange() reads ${typeof value} ${value}`, async (t) => {
    t.same(parsePortRange(value), { first, last, text });
    t.ok(Object.isFrozen(parsePortRange(value)));
  });
}

const UNREADABLE = [
  0,
  65_536,
  -1,
  4.5,
  Number.NaN,
  '',
  '0',
  '0-80',
  '1-65536',
  'https',
  '80,443',
  '80-',
  '-80',
  ' 80',
  '+80',
];

for (const value of UNREADABLE) {
  t.test(`parsePortRange() refuses ${typeof value} "${value}"`, async (t) => {
    const message = `Port "${value}" cannot be read, write a port from 1 to 65535 or a range such as "1025-65535"`;
    t.throws(() => parsePortRange(value), { message });
  });
}

t.test('parsePortRange() turns a backward range around in its message', async (t) => {
  t.throws(() => parsePortRange('443-80'), { message: 'Port range "443-80" runs backwards, write "80-443"' });
});

t.test('compilePorts() holds for the ports of every range, ends included', async (t) => {
  const ports = compilePorts([80, '443', '1025-65535'].map(parsePortRange));
  t.equal(ports.key, 'ports');
  t.ok(Object.isFrozen(ports));
  for (const port of [80, 443, 1025, 8080, 65_535])
    t.equal(ports.test(subject({ port })), Tri.True, `${port}`);
  for (const port of [0, 1, 79, 81, 442, 444, 1024])
    t.equal(ports.test(subject({ port })), Tri.False, `${port}`);
});
