import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { Replays } from '#hop/replays.ts';
import { Verifier, verifierOf } from '#hop/verifier.ts';
import { assertionOf, claimsAt, keyOf } from '../../fixtures/assertions.ts';

const NOW = Date.parse('2026-11-23T02:00:00Z');
const END = NOW + 60_000;
const FOLDER = 'used-assertions';

t.test('use() takes each mark once', async (t) => {
  for (const directory of [undefined, t.testdir({})]) {
    const replays = new Replays(directory, NOW);
    const marks = Array.from({ length: 100 }, () => randomBytes(16));
    for (const mark of marks) t.ok(replays.use(mark, END, NOW));
    for (const mark of marks) t.notOk(replays.use(mark, END, NOW + 1000));
    replays.close();
    for (const mark of marks) t.notOk(replays.use(mark, END, NOW + 1000), 'also when its files were closed');
    replays.close();
  }
});

t.test('use() lets go of what has ended, and of nothing before', async (t) => {
  for (const directory of [undefined, t.testdir({})]) {
    const replays = new Replays(directory, NOW);
    const mark = randomBytes(16);
    t.ok(replays.use(mark, END, NOW));
    for (let ms = 0; ms <= 89_000; ms += 1000) {
      replays.use(randomBytes(16), END + ms, NOW + ms);
      t.notOk(replays.use(mark, END, NOW + ms), `${ms} ms later`);
    }
    replays.use(randomBytes(16), END + 400_000, NOW + 400_000);
    if (directory !== undefined)
      t.equal(readdirSync(join(directory, FOLDER)).length, 2, 'since, and one span');
    replays.close();
  }
});

t.test('two of one directory know what the other has taken, and so does who comes later', async (t) => {
  const directory = t.testdir({});
  const [a, b] = [new Replays(directory, NOW), new Replays(directory, NOW + 5)];
  t.equal(b.sinceMs, NOW, 'since the first of them');
  const marks = Array.from({ length: 50 }, () => randomBytes(16));
  for (const [index, mark] of marks.entries()) t.ok((index % 2 ? a : b).use(mark, END, NOW));
  for (const mark of marks) {
    t.notOk(a.use(mark, END, NOW));
    t.notOk(b.use(mark, END, NOW));
  }
  const later = new Replays(directory, NOW + 20_000);
  t.equal(later.sinceMs, NOW);
  for (const mark of marks) t.notOk(later.use(mark, END, NOW + 20_000), 'after a restart');
  for (const one of [a, b, later]) one.close();
});

t.test('a directory that others could write is none', async (t) => {
  const directory = t.testdir({ open: {}, link: {}, file: { [FOLDER]: 'x' } });
  mkdirSync(join(directory, 'open', FOLDER));
  chmodSync(join(directory, 'open', FOLDER), 0o777);
  symlinkSync(directory, join(directory, 'link', FOLDER));
  for (const name of ['open', 'link', 'file'])
    t.throws(() => new Replays(join(directory, name)), {
      message:
        /^Cannot keep used assertions in ".*used-assertions": it is no directory that only this user can write$/,
    });
  t.throws(() => new Replays(join(directory, 'nowhere')), {
    message: /^Cannot keep used assertions in ".*nowhere": ENOENT/,
  });
});

t.test('one that is just being begun counts from now on', async (t) => {
  const directory = t.testdir({});
  mkdirSync(join(directory, FOLDER), { mode: 0o700 });
  writeFileSync(join(directory, FOLDER, 'since'), '');
  t.equal(new Replays(directory, NOW).sinceMs, NOW);
});

t.test('what cannot be written down is not taken', async (t) => {
  const directory = t.testdir({});
  const replays = new Replays(directory, NOW);
  mkdirSync(join(directory, FOLDER, String(Math.floor(END / 64_000))));
  t.throws(() => replays.use(randomBytes(16), END, NOW), {
    reason: 'assertion_unchecked',
    message: /^Cannot tell whether Weir-Identity was used before: EISDIR/,
  });
});

// Attacks: own-identity.
t.test('verifierOf() believes nothing of before it came back to a place', async (t) => {
  const options = { keys: [keyOf(1)], audience: ['t2.example:3128'] };
  const folder = t.testdir({ a: {}, b: {} });
  const [a, b] = [`${folder}/a`, `${folder}/b`];
  const hour = Date.now() - 3_600_000;
  new Replays(a, hour).close();
  const first = verifierOf({ ...options, replayDirectory: a }, undefined);
  t.equal(first?.replays.sinceMs, hour, 'a process that starts goes on with what the one before has kept');
  const second = verifierOf({ ...options, replayDirectory: b }, first);
  const before = Date.now();
  const back = verifierOf({ ...options, replayDirectory: a }, second);
  t.ok(back !== undefined && back.replays.sinceMs >= before);
  const text = assertionOf(keyOf(1), claimsAt(before - 1_000));
  const bound = { target: 'login.microsoft.com:443', transaction: '0123456789-a', nowMs: before };
  t.throws(() => back?.verify(text, bound), {
    reason: 'assertion_unchecked',
    message: /^Weir-Identity was made \d+ ms before/,
  });
  for (const one of [first, second, back]) one?.replays.close();
});

t.test('an assertion is marked by the first bytes of its id, as other processes do', async (t) => {
  const marks: string[] = [];
  class Noted extends Replays {
    override use(mark: Buffer): boolean {
      marks.push(mark.toString('hex', 0, 8));
      return true;
    }
  }
  const [key, nowMs] = [keyOf(1), Date.now()];
  const verifier = new Verifier({ keys: [key], audience: ['t2.example:3128'] }, new Noted(undefined, 0));
  const bound = { target: 'login.microsoft.com:443', transaction: '0123456789-a', nowMs };
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const jti = Buffer.from(bytes).toString('base64url');
      t.match(verifier.verify(assertionOf(key, claimsAt(nowMs, { jti })), bound), { address: '10.128.0.7' });
      t.equal(marks.at(-1), Buffer.from(bytes).toString('hex', 0, 8), jti);
    }),
    { seed: 44, numRuns: 100 },
  );
});
