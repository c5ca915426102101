import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { lockTrail } from '#audit/trail-lock.ts';

const TAKEN = /^Cannot open audit trail ".*audit\.log": another Weir is writing it, .*; end that one/;

t.test('a trail has one writer, by whatever name it is called', async (t) => {
  const folder = join(t.testdir(), 'new');
  const path = join(folder, 'audit.log');
  const lock = await lockTrail(path);
  t.same(readdirSync(folder), ['.audit.log.lock']);
  const file = join(folder, '.audit.log.lock');
  t.match(statSync(file), { mode: 0o100600, size: 0 });
  await t.rejects(lockTrail(path, 0), TAKEN);
  writeFileSync(path, '');
  symlinkSync(path, join(folder, 'other.log'));
  await t.rejects(lockTrail(join(folder, 'other.log'), 0), /another Weir/);
  (await lockTrail(join(folder, 'audit.log.1'), 0)).release();
  const waiting = lockTrail(path);
  lock.release();
  (await waiting).release();
});

t.test('a link to a trail that is yet to be made has the lock of that', async (t) => {
  const folder = t.testdir({ logs: {} });
  const link = join(folder, 'audit.log');
  symlinkSync('logs/audit.log', link);
  const lock = await lockTrail(link);
  t.same(readdirSync(join(folder, 'logs')), ['.audit.log.lock']);
  writeFileSync(link, '');
  await t.rejects(lockTrail(link, 0), /another Weir/);
  lock.release();
  symlinkSync('round', join(folder, 'round'));
  (await lockTrail(join(folder, 'round'))).release();
});

t.test('a lock ends with its process, however that ends', async (t) => {
  const path = join(t.testdir(), 'audit.log');
  const program = `
    import { lockTrail } from '#audit/trail-lock.ts';
    globalThis.kept = await lockTrail(${JSON.stringify(path)});
    console.log('locked');
    setInterval(() => {}, 60_000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  await t.rejects(lockTrail(path, 0), TAKEN);
  const waiting = lockTrail(path, 20_000);
  holder.kill('SIGKILL');
  (await waiting).release();
});

t.test('what keeps a trail from being locked is said', async (t) => {
  const folder = t.testdir({ '.audit.log.lock': 'This is no lock, and was put here by somebody' });
  await t.rejects(
    lockTrail(join(folder, 'audit.log')),
    /^Cannot lock audit trail ".*audit\.log": file is not a database \(".*\.audit\.log\.lock"\)/,
  );
  await t.rejects(lockTrail(join(folder, 'a'.repeat(252))), /ENAMETOOLONG/);
});
