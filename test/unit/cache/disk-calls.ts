import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type DiskCalls, fewAtOnce } from '#cache/disk-calls.ts';
import { callsOf } from '../../fixtures/cache-disk.ts';
import { folderOf } from '../../fixtures/owned.ts';

t.test('three are under way at most, and all have their turn', async (t) => {
  const gates: (() => void)[] = [];
  const slow = (): Promise<never> => {
    const { promise, resolve } = Promise.withResolvers<never>();
    gates.push(resolve as () => void);
    return promise;
  };
  const calls = fewAtOnce({ unlink: slow, stat: slow } as unknown as DiskCalls);
  const all = [calls.unlink('1'), calls.unlink('2'), calls.stat('3'), calls.stat('4'), calls.unlink('5')];
  t.equal(gates.length, 3);
  while (gates.length > 0) {
    gates.shift()?.();
    await new Promise(setImmediate);
    t.ok(gates.length <= 3);
  }
  t.equal((await Promise.all(all)).length, 5);
});

t.test('they do what those of the system do', async (t) => {
  const folder = mkdtempSync(join(folderOf(t), 'x'));
  const calls = fewAtOnce(callsOf());
  await calls.mkdir(join(folder, 'a/b'), { recursive: true, mode: 0o700 });
  const file = await calls.open(join(folder, 'f'), 'wx', 0o600);
  t.equal((await file.write(Buffer.from('abc'), 1, 2)).bytesWritten, 2);
  await file.close();
  await calls.rename(join(folder, 'f'), join(folder, 'g'));
  t.same((await calls.readdir(folder)).toSorted(), ['a', 'g']);
  t.equal((await calls.stat(join(folder, 'g'))).size, 2);
  const again = await calls.open(join(folder, 'g'));
  const bytes = Buffer.alloc(3);
  t.equal((await again.read(bytes, 0, 3, 0)).bytesRead, 2);
  t.equal(bytes.toString('latin1', 0, 2), 'bc');
  await again.close();
  await calls.unlink(join(folder, 'g'));
  t.same(readdirSync(folder), ['a']);
  await t.rejects(calls.open(join(folder, 'g')), { code: 'ENOENT' });
});
