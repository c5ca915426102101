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
