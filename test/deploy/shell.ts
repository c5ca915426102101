/** deploy/lib/shell.ts, execute.ts and notify.ts: programs that look, that change something, and what is said where one fails. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { execute } from '../../deploy/lib/execute.ts';
import { notify } from '../../deploy/lib/notify.ts';
import { quoted } from '../../deploy/lib/shell.ts';
import { stage } from '../fixtures/deploy/stage.ts';
import { folderOf } from '../fixtures/owned.ts';
import { run } from '../fixtures/run.ts';

const node = (script: string, ...args: string[]) => ({
  words: [process.execPath, '-e', script, ...args] as const,
});

t.test(
  'programs are run without a shell; a status is an answer, or a fault with what was said last',
  async (t) => {
    const { shell } = stage(t, { execute });
    t.equal(await shell.look(node('console.log(process.argv[1])', '$HOME; `id`')), '$HOME; `id`');
    t.match(await shell.ask(node('process.exit(3)')), { status: 3 });
    const talking = node('for (let i = 1; i < 12; i += 1) console.error("line " + i); process.exit(1)');
    await t.rejects(shell.change({ ...talking, cure: 'mend it' }), {
      message: /ended with 1: line 4\n.*line 11$/s,
      cure: 'mend it',
    });
    await t.rejects(shell.change({ ...talking, isSecret: true }), {
      message: /ended with 1 \(what it said is not shown/,
    });
    await t.rejects(shell.look({ ...node('setInterval(() => {}, 1000)'), timeoutMs: 50 }), {
      message: /did not end in its time/,
    });
    await t.rejects(shell.look({ words: ['there-is-no-such-program'] }), {
      message: /Cannot start there-is-no-such-program/,
    });
  },
);

t.test('what one prints another reads, whatever bytes they are', async (t) => {
  const { shell } = stage(t, { execute });
  const from = node('process.stdout.write(Buffer.from([0, 255, 10, 128]))');
  const to = node('process.stdin.on("data", (bytes) => console.log(bytes.toString("hex")))');
  t.equal(await shell.pipe(from, to), '00ff0a80');
  await t.rejects(shell.pipe(node('process.exit(2)'), to), { message: /ended with 2/ });
  t.equal(await shell.change(to, { from: 'FILE', bytes: Buffer.from('a') }), '61');
});

t.test('a dry run prints what can be pasted', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'sub', 'file.txt');
  const { shell, out } = stage(t, { isDry: true });
  const text = "it's $HOME\n\\ two\n";
  shell.write(file, text);
  await shell.change({ words: ['rm', '-f', 'a b'] });
  await shell.pipe({ words: ['a'] }, { words: ['b', "'"] });
  await shell.change({ words: ['c'] }, { from: 'x y', bytes: Buffer.from('') });
  t.notOk(existsSync(file));
  t.same(out.slice(2), ["rm -f 'a b'", "a | b ''\\'''", "c < 'x y'"]);
  await run('bash', ['-c', out.slice(0, 2).join('\n')]);
  t.equal(readFileSync(file, 'utf8'), text, 'pasted, it is the same file');
  t.equal(quoted(['']), "''");
});

t.test('who is to be told is told by standard input, and a program that fails is no fault', async (t) => {
  const world = stage(t, { execute });
  const file = join(folderOf(t), 'told');
  const script = join(folderOf(t), 'notify');
  const told = { ...world, settings: { ...world.settings, file: 'prod.env', notify: script } };
  await notify(told, { event: 'deployed', exitCode: 0 });
  t.match(world.err.at(-1), /- Nobody was told: .*Cannot start/);
  await run('sh', ['-c', `printf '#!/bin/sh\\ncat >${file}\\n' >${script} && chmod +x ${script}`]);
  await notify(told, { event: 'deployed', exitCode: 0 });
  t.same(JSON.parse(readFileSync(file, 'utf8')), {
    at: '2026-11-29T00:00:00.000Z',
    settings: 'prod.env',
    event: 'deployed',
    exitCode: 0,
  });
  await notify(world, { event: 'deployed', exitCode: 0 });
});
