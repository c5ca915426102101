/**
 * Runs docs/policy-workflow.md: its files are written into one folder, its commands are given to a shell there, in the order of
 * the page, and what they print is what the page shows.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { WEIR } from '../scripts/lib/weir-process.ts';
import { run } from './fixtures/run.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/policy-workflow.md'), 'utf8');

interface Block {
  readonly kind: string;
  /** Name of the file that it shows; empty where it shows none. */
  readonly file: string;
  readonly text: string;
}

const blocks: Block[] = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', file = '', text = '']) => ({ kind, file, text }),
);

const folder = t.testdir({});
for (const { file, text } of blocks) if (file !== '') writeFileSync(join(folder, file), text);
writeFileSync(join(folder, 'weir'), `#!/bin/sh\nexec "${WEIR}" "$@"\n`);
chmodSync(join(folder, 'weir'), 0o755);

/** What a terminal would show. */
async function shown(command: string): Promise<string> {
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const { stdout } = await run('sh', ['-c', `{ ${command}\n} 2>&1`], { cwd: folder, env });
  return stdout;
}

const sessions = blocks.filter(({ kind }) => kind === 'console');

t.test('docs/policy-workflow.md shows files and commands', async (t) => {
  t.ok(blocks.filter(({ file }) => file !== '').length >= 5);
  t.ok(sessions.length >= 5);
});

for (const { text } of sessions) {
  const [first = '', ...output] = text.split('\n');
  t.test(`docs/policy-workflow.md tells the truth: ${first}`, async (t) => {
    t.match(first, /^\$ weir /);
    t.equal(await shown(first.slice(2)), output.join('\n'));
  });
}
