import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { auditKey, Trail } from '../../fixtures/audit.ts';
import { weir } from '../../fixtures/weir.ts';

const { signer, publicKey, privateKey } = auditKey();
const old = new Trail().fill(3).checkpoint(signer);
const trail = new Trail(old.head).fill(2);

const folder = t.testdir({
  'audit.log': trail.text,
  'audit.log.1.gz': gzipSync(old.text),
  'altered.log': trail.text.replace('h5', 'h6'),
  'cut.gz': gzipSync(old.text).subarray(0, 60),
  'audit.pub': publicKey,
  'audit.key': privateKey,
  'empty.log': '',
});
const at = (name: string): string => join(folder, name);

/** What a rotated trail is changed to, and what is found. */
interface Change {
  readonly middle: readonly string[];
  readonly newest?: readonly string[];
  /** Undefined: nothing is. */
  readonly finds?: RegExp;
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

t.test('weir audit verify says that a chain holds', async (t) => {
  const files = [at('audit.log'), at('audit.log.1.gz')];
  const known = `${trail.head.seq}:${trail.head.hash}`;
  const { status, stdout, stderr } = await weir(
    'audit',
    'verify',
    '--key',
    at('audit.pub'),
    '--known',
    known,
    ...files,
  );
  t.equal(status, 0);
  t.equal(stderr, '', 'no bar without a terminal');
  t.match(
    stdout,
    /^The chain holds: 6 records, 1 to 6, in 2 files, .*\n1 checkpoint signed, the last is record 4; 2 records behind/,
  );
  const json = await weir('audit', 'verify', '--json', ...files);
  t.match(JSON.parse(json.stdout), { valid: true, records: 6, checkpoints: { areChecked: false } });
});

t.test('weir audit verify points at what does not hold', async (t) => {
  const { status, stdout } = await weir('audit', 'verify', at('altered.log'), at('audit.log.1.gz'));
  t.equal(status, 1);
  t.match(stdout, `${at('altered.log')}:2: altered: Record 6 is not what was written`);
  t.equal((await weir('audit', 'verify', at('empty.log'))).status, 1, 'nothing is not proven');
});

const oldest = new Trail().fill(4).checkpoint(signer);
const middle = new Trail(oldest.head).fill(4).checkpoint(signer);
const newest = new Trail(middle.head).fill(4).checkpoint(signer);
const other = auditKey();
const forged = new Trail(oldest.head).fill(4).checkpoint(other.signer);
const rest = new Trail(forged.head).fill(4).checkpoint(other.signer);
const unsigned = new Trail(oldest.head).fill(4).checkpoint();
const { lines } = middle;
const at1 = lines[1] as string;
const known = `${newest.head.seq}:${newest.head.hash}`;

t.test('weir audit verify finds each change of a trail that is rotated and packed', async (t) => {
  const changes: Record<string, Change> = {
    nothing: { middle: lines },
    'a flipped bit': { middle: lines.with(1, at1.replace('h6', 'h7')), finds: /middle\.gz:2: altered/ },
    'a removed line': { middle: lines.toSpliced(1, 1), finds: /middle\.gz:2: missing: Record 7 is missing/ },
    'swapped lines': { middle: [0, 2, 1, 3, 4].map((n) => lines[n] ?? ''), finds: /middle\.gz:2: reordered/ },
    'an inserted line': { middle: lines.toSpliced(2, 0, '{"event":"no"}'), finds: /middle\.gz:3: inserted/ },
    'a line again': {
      middle: lines.toSpliced(2, 0, at1),
      finds: /middle\.gz:3: inserted: A record 7 comes again/,
    },
    'a record hashed anew': {
      middle: lines.with(
        1,
        new Trail(new Trail(oldest.head).fill(1).head).add({ event: 'no' }).lines[0] ?? '',
      ),
      finds: /middle\.gz:2: altered: Record 7 was altered with its hash/,
    },
    'all made anew with another key': {
      middle: forged.lines,
      newest: rest.lines,
      finds: /middle\.gz:5: forged: Checkpoint 10 is signed by key/,
    },
    'all made anew without a key': {
      middle: unsigned.lines,
      newest: [],
      finds: /forged: Checkpoint 10 is not signed/,
    },
    'the end cut off': {
      middle: lines,
      newest: newest.lines.slice(0, -2),
      finds: /missing: Record 15, which is known/,
    },
    'a file taken out': { middle: [], finds: /newest\.log:1: missing: Records 6 to 10 are missing/ },
  };
  for (const [what, { middle: changed, newest: last = newest.lines, finds }] of Object.entries(changes)) {
    const folder = t.testdir({
      'oldest.gz': gzipSync(oldest.text),
      'middle.gz': gzipSync(textOf(changed)),
      'newest.log': textOf(last),
    });
    const files = ['newest.log', 'middle.gz', 'oldest.gz'].map((name) => join(folder, name));
    const { status, stdout } = await weir(
      'audit',
      'verify',
      '--key',
      at('audit.pub'),
      '--known',
      known,
      ...files,
    );
    t.equal(status, finds === undefined ? 0 : 1, what);
    t.match(stdout, finds ?? /^The chain holds: 15 records/, what);
  }
});

t.test('weir audit verify says what it cannot read or use', async (t) => {
  for (const [args, status, message] of [
    [[at('none')], 66, /Cannot read ".*none": no such file/],
    [[folder], 66, /it is a directory/],
    [[at('cut.gz')], 66, /Cannot read ".*cut\.gz": /],
    [['--key', at('audit.key'), at('audit.log')], 66, /it is a private key/],
    [['--key', at('none'), at('audit.log')], 66, /Cannot use key/],
    [['--known', '7', at('audit.log')], 64, /--known is NUMBER:HASH/],
    [['-'], 64, /not from standard input/],
  ] as const) {
    const ended = await weir('audit', 'verify', ...args);
    t.equal(ended.status, status, args.join(' '));
    t.match(ended.stderr, message);
  }
});
