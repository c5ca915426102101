import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { BEGINNING } from '#audit/chain.ts';
import { MAX_LINE_BYTES } from '#audit/line-splitter.ts';
import { findEnd } from '#audit/trail-end.ts';
import { Trail } from '../../fixtures/audit.ts';

const trail = new Trail().fill(3);
const later = new Trail(trail.head).fill(2);

t.test('findEnd() is at the beginning where there is nothing', async (t) => {
  const folder = t.testdir({ 'empty.log': '', 'other.log.1': 'junk\n' });
  const nothing = { head: BEGINNING, tornBytes: 0 };
  t.same(await findEnd(join(folder, 'audit.log')), nothing);
  t.same(await findEnd(join(folder, 'empty.log')), nothing);
  t.same(await findEnd(join(folder, 'none/audit.log')), nothing);
});

t.test('findEnd() cuts off half a line, and nothing else', async (t) => {
  const folder = t.testdir({ 'audit.log': `${trail.text}{"client_ip"`, 'half.log': '{"cl' });
  const path = join(folder, 'audit.log');
  t.same(await findEnd(path), { head: trail.head, tornBytes: 12 });
  t.equal(readFileSync(path, 'utf8'), trail.text);
  t.same(await findEnd(path), { head: trail.head, tornBytes: 0 });
  t.same(await findEnd(join(folder, 'half.log')), { head: BEGINNING, tornBytes: 4 });
  t.equal(readFileSync(join(folder, 'half.log'), 'utf8'), '');
});

t.test('findEnd() goes on behind the last record that is one, and leaves the rest as evidence', async (t) => {
  const text = `${trail.text}junk\n${trail.text.slice(0, 30)}\n`;
  const path = join(t.testdir({ 'audit.log': text }), 'audit.log');
  t.same(await findEnd(path), { head: trail.head, tornBytes: 0 });
  t.equal(readFileSync(path, 'utf8'), text);
});

t.test('findEnd() does not go on from what is no trail', async (t) => {
  const long = 'x'.repeat(5 * MAX_LINE_BYTES);
  const folder = t.testdir({ 'audit.log': 'junk\n', 'long.log': long, dir: {} });
  await t.rejects(findEnd(join(folder, 'audit.log')), /does not end in a record .*, move the file away/);
  await t.rejects(findEnd(join(folder, 'long.log')), /does not end in a record/);
  t.equal(readFileSync(join(folder, 'long.log'), 'utf8'), long);
  await t.rejects(findEnd(join(folder, 'dir')), { code: 'EISDIR' });
  await t.rejects(findEnd(join(folder, 'audit.log', 'audit.log')), { code: 'ENOTDIR' });
});

t.test('findEnd() goes on from the file that was rotated away last, packed or not', async (t) => {
  const folder = t.testdir({
    'audit.log': '',
    'audit.log.1': later.text,
    'audit.log.2.gz': gzipSync(trail.text),
    'audit.log-junk': 'junk\n',
    'audit.log-junk.gz': gzipSync('junk\n'),
    'audit.log.d': {},
    'other.log': new Trail(later.head).fill(9).text,
    'packed.log-20261123.gz': gzipSync(`${later.text}${'junk\n'.repeat(50_000)}`),
  });
  t.same(await findEnd(join(folder, 'audit.log')), { head: later.head, tornBytes: 0 });
  t.same(await findEnd(join(folder, 'packed.log')), { head: later.head, tornBytes: 0 });
});

t.test('findEnd() reads one rotated file to its end, and of the others the beginning', async (t) => {
  const between = new Trail(trail.head).fill(2000);
  const newest = new Trail(between.head).fill(2);
  // Whoever reads it to its end fails.
  const torn = gzipSync(between.text).subarray(0, -8);
  const folder = t.testdir({
    'audit.log.3.gz': gzipSync(trail.text),
    'audit.log.2.gz': torn,
    'audit.log.1': newest.text,
  });
  t.same(await findEnd(join(folder, 'audit.log')), { head: newest.head, tornBytes: 0 });
});

const JUNK = 'junk\n'.repeat(MAX_LINE_BYTES);

t.test('findEnd() finds the records of a rotated file behind and before what is none', async (t) => {
  const folder = t.testdir({
    'audit.log.1': trail.text,
    'audit.log.2': `${'junk\n'.repeat(10)}${later.text}`,
    'audit.log.asc': 'junk\n',
    'behind.log.1': trail.text,
    'behind.log.2': `${later.text}${JUNK}`,
    'far.log.1': trail.text,
    'far.log.2': `${JUNK}${later.text}`,
    'named.log.1.gz': later.text,
    'named.log.2': gzipSync(trail.text),
    'packed.log.1.gz': gzipSync(`${later.text}${JUNK}`),
  });
  for (const name of ['audit', 'behind', 'far', 'named', 'packed'])
    t.same(await findEnd(join(folder, `${name}.log`)), { head: later.head, tornBytes: 0 }, name);
});

t.test(
  'findEnd() goes on beside an unreadable file that is older, from none that may hold the end',
  async (t) => {
    const packed = gzipSync(later.text);
    const damaged = Buffer.concat([packed.subarray(0, 10), Buffer.alloc(40, 0xff)]);
    const folder = t.testdir({
      'audit.log.1': later.text,
      'audit.log.2.gz': damaged,
      'alone.log.1.gz': damaged,
      'far.log.1.gz': gzipSync(`${JUNK}${later.text}`),
      'torn.log.1.gz': packed.subarray(0, -8),
    });
    const at = (name: string, time: number): void => utimesSync(join(folder, name), time, time);
    at('audit.log.1', 2000);
    at('audit.log.2.gz', 1000);
    t.same(await findEnd(join(folder, 'audit.log')), { head: later.head, tornBytes: 0 });
    at('audit.log.2.gz', 3000);
    await t.rejects(
      findEnd(join(folder, 'audit.log')),
      /audit\.log\.2\.gz" cannot be read, .*invalid .* move it away/,
    );
    await t.rejects(findEnd(join(folder, 'alone.log')), /alone\.log\.1\.gz" cannot be read/);
    await t.rejects(
      findEnd(join(folder, 'far.log')),
      /far\.log\.1\.gz" cannot be read, .*no record is near its beginning/,
    );
    await t.rejects(
      findEnd(join(folder, 'torn.log')),
      /torn\.log\.1\.gz" cannot be read, .*unexpected end of file/,
    );
  },
);
