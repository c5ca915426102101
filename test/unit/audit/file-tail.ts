import { join } from 'node:path';
import t from 'tap';
import { tailOf } from '#audit/file-tail.ts';

t.test('tailOf() gives the last bytes, and how many there are in all', async (t) => {
  const folder = t.testdir({ 'audit.log': 'one\ntwo\n', empty: '' });
  for (const [name, most, text, size] of [
    ['audit.log', 4, 'two\n', 8],
    ['audit.log', 8, 'one\ntwo\n', 8],
    ['audit.log', 100, 'one\ntwo\n', 8],
    ['empty', 4, '', 0],
    ['none', 4, '', 0],
  ] as const) {
    const tail = await tailOf(join(folder, name), most);
    t.same([String(tail.bytes), tail.size], [text, size], `${most} of ${name}`);
  }
  await t.rejects(tailOf(join(folder, 'audit.log', 'within'), 4), { code: 'ENOTDIR' });
});
