import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { verifyFiles } from '#audit/verify-files.ts';
import { auditKey, Trail } from '../../fixtures/audit.ts';

const { signer, keys } = auditKey();
const [oldest, older, newest] = [new Trail().fill(4).checkpoint(signer)].flatMap((first) => {
  const second = new Trail(first.head).fill(5).checkpoint(signer);
  return [first, second, new Trail(second.head).fill(3)];
}) as [Trail, Trail, Trail];
const cut = `${older.text}${newest.lines[0]?.slice(0, 30)}`;

const folder = t.testdir({
  'audit.log': newest.text,
  'audit.log.1': older.text,
  'audit.log.1.cut': cut,
  'audit.log.2.gz': gzipSync(oldest.text),
  'audit.log.2.altered': oldest.text.replace('h0', 'h9'),
  'empty.log': '',
  'other.txt': 'x\n',
});
const at = (name: string): string => join(folder, name);
const all = ['audit.log', 'audit.log.1', 'audit.log.2.gz'].map(at);

t.test('verifyFiles() follows the chain through all files, packed or not, in any order', async (t) => {
  const seen: number[] = [];
  const found = await verifyFiles([at('empty.log'), ...all], {
    keys,
    onProgress: (_, lines) => seen.push(lines),
  });
  t.match(found, {
    finding: undefined,
    records: 14,
    first: 1,
    last: newest.head,
    checkpoints: { proven: 2, after: 3 },
  });
  t.same(found.files.slice(0, 3), [...all].reverse());
  t.equal(seen.at(-1), 14);
});

t.test('verifyFiles() finds a file that is missing, and one that is altered', async (t) => {
  const gone = await verifyFiles([at('audit.log'), at('audit.log.2.gz')]);
  t.match(gone.finding, { kind: 'missing', seq: 6, place: { file: at('audit.log'), line: 1 } });
  const altered = await verifyFiles([at('audit.log.2.altered'), at('audit.log.1')]);
  t.match(altered.finding, { kind: 'altered', place: { file: at('audit.log.2.altered'), line: 1 } });
  t.match((await verifyFiles([at('other.txt')])).finding, { kind: 'altered' });
});

t.test(
  'verifyFiles() takes a line that was cut off at the end of a file and written anew in the next',
  async (t) => {
    t.equal((await verifyFiles([at('audit.log'), at('audit.log.1.cut')])).finding, undefined);
    t.match((await verifyFiles([at('audit.log.1.cut')])).finding, { kind: 'torn', place: { line: 7 } });
  },
);

t.test(
  'verifyFiles() misses what was cut off, and knows what was made anew, by a record that is known',
  async (t) => {
    const { head } = newest;
    t.equal((await verifyFiles(all, { known: head })).finding, undefined);
    const short = await verifyFiles(all.slice(1), { known: head });
    t.match(short.finding, { kind: 'missing', seq: 14, message: /the trail ends before it/ });
    const anew = await verifyFiles(all, { known: { seq: 7, hash: 'a'.repeat(64) } });
    t.match(anew.finding, { kind: 'missing', seq: 7, message: /another hash/ });
    t.match((await verifyFiles([at('empty.log')], { known: head })).finding, { kind: 'missing' });
    t.match((await verifyFiles([], { known: head })).finding, { kind: 'missing' });
    t.match((await verifyFiles([at('other.txt')], { known: head })).finding, { kind: 'altered' });
  },
);

t.test('verifyFiles() with keys says so where no record is signed', async (t) => {
  const { signer, keys } = auditKey();
  const signed = new Trail().fill(2).checkpoint(signer).fill(1).text;
  const folder = t.testdir({ 'open.log': new Trail().fill(3).text, 'signed.log': signed, 'empty.log': '' });
  const finding = async (name: string) => (await verifyFiles([join(folder, name)], { keys })).finding;
  t.match(await finding('open.log'), { kind: 'unsigned', seq: 1, message: /^No checkpoint at all/ });
  t.equal(await finding('signed.log'), undefined);
  t.equal(await finding('empty.log'), undefined, 'which has no record to sign');
  t.equal((await verifyFiles([join(folder, 'open.log')])).finding, undefined, 'nobody asks for signatures');
});

t.test('verifyFiles() reads no further than a finding, and says which file it cannot read', async (t) => {
  const big = new Trail().fill(12_000);
  const path = join(t.testdir({ 'big.log': `x\n${big.text}` }), 'big.log');
  const seen: number[] = [];
  const found = await verifyFiles([path], { onProgress: (_, lines) => seen.push(lines) });
  t.match(found.finding, { kind: 'inserted' });
  t.equal(seen.length, 1);
  await t.rejects(verifyFiles([at('none')]), { path: at('none'), code: 'ENOENT' });
});
