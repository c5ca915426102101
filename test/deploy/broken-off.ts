/** deploy/lib/program.ts as a process: what it leaves where it is broken off, and where nobody reads what it says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { Site } from '../fixtures/deploy/site.ts';
import { folderOf } from '../fixtures/owned.ts';
import { isAlive } from '../fixtures/process-state.ts';
import { eventually } from '../fixtures/within.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy/deploy');

/** A deployment whose gcloud lasts, doing `onInterrupt` where it is interrupted; in a group of its own, as a shell has it. */
async function begun(t: Test, onInterrupt: string) {
  const site = new Site(t);
  const folder = folderOf(t);
  const said = join(folder, 'pid');
  const tidied = join(folder, 'tidied');
  // A shell may begin to wait for its own program just behind the signal.
  const hanging = `#!${process.execPath}
const { renameSync, writeFileSync } = require('node:fs');
const tidy = () => writeFileSync(process.env.TIDIED, '');
process.on('SIGINT', () => { ${onInterrupt} });
setInterval(() => {}, 1000);
writeFileSync('${said}.new', String(process.pid));
renameSync('${said}.new', '${said}');
`;
  writeFileSync(join(folder, 'gcloud'), hanging, { mode: 0o755 });
  const child = spawn(DEPLOY, ['--settings', site.settings, '--only', 'prerequisites'], {
    env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, TIDIED: tidied },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  t.teardown(() => child.kill('SIGKILL'));
  const err = text(child.stderr);
  await eventually(() => existsSync(said), 'gcloud to be started');
  const lock = join(site.folder, 'prod.state.json.lock');
  t.ok(existsSync(lock));
  const broken = async (signal: NodeJS.Signals): Promise<void> => {
    t.same(await once(child, 'exit'), [null, signal]);
    t.match(await err, /^Broken off\. Start this again: it goes on where it was$/m);
    t.notMatch(await err, /✗|Broken off.*Broken off/s);
    t.notOk(existsSync(lock));
    const pid = Number(readFileSync(said, 'utf8'));
    await eventually(() => !isAlive(pid), 'gcloud to be gone');
  };
  return { child, tidied, broken };
}

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const)
  t.test(`${signal} ends it with what it has started, and the next run may begin`, async (t) => {
    const { child, broken } = await begun(t, '');
    child.kill(signal);
    await broken(signal);
  });

t.test('what Ctrl-C reaches by itself may tidy up, and no other step is begun', async (t) => {
  const { child, tidied, broken } = await begun(t, 'tidy(); process.exit(1);');
  process.kill(-Number(child.pid), 'SIGINT');
  await broken('SIGINT');
  t.ok(existsSync(tidied));
});

t.test('who presses it twice does not wait for that', async (t) => {
  const { child, tidied, broken } = await begun(t, 'tidy();');
  process.kill(-Number(child.pid), 'SIGINT');
  await eventually(() => existsSync(tidied), 'gcloud to tidy up');
  child.kill('SIGINT');
  await broken('SIGINT');
});

t.test('who reads no more of what it says does not make it crash', async (t) => {
  const site = new Site(t);
  const child = spawn(DEPLOY, ['--settings', site.settings, '--list'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const err = text(child.stderr);
  t.same(await once(child, 'exit'), [0, null]);
  t.notMatch(await err, /EPIPE|at .*node:/);
});
