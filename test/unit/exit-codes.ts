import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ExitCode } from '#exit-codes.ts';

t.test('ExitCode is that of docs/commands.md', async (t) => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/commands.md'), 'utf8');
  const codes = [...docs.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  t.same(Object.values(ExitCode), codes);
});
