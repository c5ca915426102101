/** deploy/lib/program.ts as a process: what it leaves where it is broken off, and where nobody reads what it says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { Site } from '../fixtures/deploy/site.ts';
import { folderOf } from '../fixtures/owned.ts';
import { isAlive } from '../fixtures/process-state.ts';
import { eventually } from '../fixtures/within.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy/deploy');

for (const signal of ['SIGTERM', 'SIGHUP'] as const)
  t.test(`${signal} ends it with what it has started, and the next run may begin`, async (t) => {
    const site = new Site(t);
    const folder = folderOf(t);
    const said = join(folder, 'pid');
    const hanging = `#!/bin/sh\necho $$ >${said}.new && mv ${said}.new ${said}\nsleep 1000\n`;
    writeFileSync(join(folder, 'gcloud'), hanging, { mode: 0o755 });
    const child = spawn(DEPLOY, ['--settings', site.settings, '--only', 'prerequisites'], {
      env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    const err = text(child.stderr);
    await eventually(() => existsSync(said), 'gcloud to be started');
    const lock = join(site.folder, 'prod.state.json.lock');
    t.ok(existsSync(lock));
    const ended = once(child, 'exit');
    child.kill(signal);
    t.same(await ended, [null, signal]);
    t.match(await err, /^Broken off\. Start this again: it goes on where it was$/m);
    t.notOk(existsSync(lock));
    const pid = Number(readFileSync(said, 'utf8'));
    await eventually(() => !isAlive(pid), 'gcloud to be gone');
  });

t.test('who reads no more of what it says does not make it crash', async (t) => {
  const site = new Site(t);
  const child = spawn(DEPLOY, ['--settings', site.settings, '--list'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const err = text(child.stderr);
  t.same(await once(child, 'exit'), [0, null]);
  t.notMatch(await err, /EPIPE|at .*node:/);
});
