import fc from 'fast-check';
import t from 'tap';
import { bodyOf } from '#audit/canonical.ts';
import { linkTo } from '#audit/chain.ts';
import { ChainCheck, type Verdict } from '#audit/chain-check.ts';
import { auditKey, Trail } from '../../fixtures/audit.ts';

const { signer, keys } = auditKey();
const trail = new Trail().fill(5).checkpoint(signer).fill(6);

function verdictOn(lines: readonly string[], by: typeof keys | 'no keys' = keys): Verdict {
  const check = new ChainCheck(by === 'no keys' ? undefined : by);
  lines.forEach((line, index) => {
    check.take(Buffer.from(line).toString('latin1'), 'audit.log', index + 1);
  });
  return check.end();
}

/** The lines of a trail that somebody has laid hands on. */
function tampered(change: (lines: string[]) => unknown): string[] {
  const lines = [...trail.lines];
  change(lines);
  return lines;
}

t.test('a whole chain holds, from its beginning or from anywhere', async (t) => {
  const whole = verdictOn(trail.lines);
  t.match(whole, { finding: undefined, records: 12, first: 1, last: trail.head, gaps: [] });
  t.match(verdictOn(trail.lines.slice(4)), { finding: undefined, records: 8, first: 5, last: trail.head });
  t.match(verdictOn([]), { finding: undefined, records: 0, first: undefined, last: undefined });
});

t.test('a flipped bit in any line is found where it is', async (t) => {
  fc.assert(
    fc.property(fc.nat(trail.lines.length - 1), fc.nat(), fc.nat(7), (index, at, bit) => {
      const check = new ChainCheck(keys);
      trail.lines.forEach((line, number) => {
        const bytes = Buffer.from(line);
        if (number === index) bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ (1 << bit);
        check.take(bytes.toString('latin1'), 'audit.log', number + 1);
      });
      t.match(check.end().finding, { kind: 'altered', place: { line: index + 1 } });
    }),
    { seed: 11, numRuns: 300 },
  );
});

t.test('a removed record is missing, one or several', async (t) => {
  const one = verdictOn(tampered((lines) => lines.splice(3, 1))).finding;
  t.match(one, {
    kind: 'missing',
    seq: 4,
    place: { line: 4 },
    message: 'Record 4 is missing before record 5',
  });
  const more = verdictOn(tampered((lines) => lines.splice(1, 3))).finding;
  t.match(more, { kind: 'missing', seq: 2, message: 'Records 2 to 4 are missing before record 5' });
  const last = verdictOn(tampered((lines) => lines.splice(10, 1))).finding;
  t.match(last, { kind: 'missing', seq: 11 });
});

t.test('swapped and moved records are reordered', async (t) => {
  const swapped = verdictOn(tampered((lines) => lines.splice(2, 2, lines[3] ?? '', lines[2] ?? ''))).finding;
  t.match(swapped, { kind: 'reordered', seq: 3, place: { line: 3 } });
  const moved = verdictOn(tampered((lines) => lines.push(...lines.splice(2, 1)))).finding;
  t.match(moved, { kind: 'reordered', seq: 3, place: { line: 3 } });
});

t.test('an inserted line is found, whatever it is', async (t) => {
  const junk = verdictOn(tampered((lines) => lines.splice(4, 0, '{"event":"decision"}'))).finding;
  t.match(junk, {
    kind: 'inserted',
    place: { line: 5 },
    message: 'The line was put in between records 4 and 5',
  });
  const first = verdictOn(tampered((lines) => lines.unshift('junk'))).finding;
  t.match(first, { kind: 'inserted', place: { line: 1 }, message: 'The line was put in before record 1' });
  const copy = verdictOn(tampered((lines) => lines.splice(4, 0, lines[1] ?? ''))).finding;
  t.match(copy, { kind: 'inserted', seq: 2, place: { line: 5 } });
  const head = { seq: 4, hash: JSON.parse(trail.lines[3] ?? '').hash };
  const forged = linkTo(head, bodyOf({ event: 'decision', verdict: 'allow' })).line;
  const fitting = verdictOn(tampered((lines) => lines.splice(4, 0, forged))).finding;
  t.match(fitting, { kind: 'inserted', seq: 5, place: { line: 6 }, message: /behind audit\.log:5/ });
});

t.test('a record that was altered with its hash is found by the next', async (t) => {
  const head = { seq: 3, hash: JSON.parse(trail.lines[2] ?? '').hash };
  const forged = linkTo(head, bodyOf({ event: 'decision', verdict: 'deny' })).line;
  const found = verdictOn(tampered((lines) => lines.splice(3, 1, forged))).finding;
  t.match(found, { kind: 'altered', seq: 4, place: { line: 4 } });
  const odd = linkTo({ seq: 0, hash: 'f'.repeat(64) }, bodyOf({})).line;
  t.match(verdictOn([odd]).finding, { kind: 'altered', seq: 1, place: { line: 1 } });
});

t.test('a chain that was made anew is found by its checkpoints', async (t) => {
  const { signer: other } = auditKey();
  t.match(verdictOn(new Trail().fill(5).checkpoint(other).lines).finding, { kind: 'forged', seq: 6 });
  t.match(verdictOn(new Trail().fill(5).checkpoint().lines).finding, { kind: 'forged', seq: 6 });
  t.match(verdictOn(new Trail().fill(1001).lines).finding, { kind: 'unsigned' });
  t.equal(verdictOn(new Trail().fill(5).checkpoint(other).lines, 'no keys').finding, undefined);
});

t.test('an altered last line is found, and a line that makes no sense at all', async (t) => {
  const lines = tampered((all) => all.push((all.pop() ?? '').replace('h11', 'h12')));
  t.match(verdictOn(lines).finding, {
    kind: 'altered',
    seq: 12,
    message: /^Record 12 is not what was written/,
  });
  t.match(verdictOn([...trail.lines, 'x']).finding, {
    kind: 'altered',
    seq: undefined,
    message: /^The line is not/,
  });
});

t.test('nothing changes the first finding', async (t) => {
  const check = new ChainCheck();
  for (const line of ['a', 'b', ...trail.lines]) check.take(line, 'audit.log', 1);
  t.equal(check.isDone, true);
  check.takeFragment('rest', { file: 'audit.log', line: 9 });
  t.match(check.end().finding, { kind: 'altered' });
});

t.test(
  'what stands behind the last whole line is torn, unless it was written anew in the next file',
  async (t) => {
    const check = new ChainCheck();
    const [first = '', second = ''] = trail.lines;
    check.take(first, 'audit.log.1', 1);
    check.takeFragment(second.slice(0, 20), { file: 'audit.log.1', line: 2 });
    check.take(second, 'audit.log', 1);
    check.takeFragment('{"client', { file: 'audit.log', line: 2 });
    t.match(check.end().finding, { kind: 'torn', place: { file: 'audit.log', line: 2 }, message: /8 bytes/ });
    const other = new ChainCheck();
    other.take(first, 'audit.log.1', 1);
    other.takeFragment('{"other', { file: 'audit.log.1', line: 2 });
    other.take(second, 'audit.log', 1);
    t.match(other.end().finding, { kind: 'torn', place: { file: 'audit.log.1', line: 2 } });
  },
);

t.test('gaps are told as they were written, the first thousand of them', async (t) => {
  const gaps = new Trail()
    .add({ event: 'gap', lost: 7, time: 'then', why: 'full' })
    .add({ event: 'gap', time: 'now', why: 'torn' });
  t.same(verdictOn(gaps.lines, 'no keys').gaps, [
    { seq: 1, time: 'then', lost: 7, why: 'full' },
    { seq: 2, time: 'now', lost: 0, why: 'torn' },
  ]);
  const many = new Trail();
  for (let index = 0; index < 1001; index += 1) many.add({ event: 'gap', lost: 1, time: 'now', why: 'full' });
  t.equal(verdictOn(many.lines, 'no keys').gaps.length, 1000);
});
