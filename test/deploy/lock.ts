/** deploy/lib/lock.ts: one run at a time has a file, however many begin at once, also over what a dead one has left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { releaseLock, takeLock } from '../../deploy/lib/lock.ts';
import { folderOf } from '../fixtures/owned.ts';
import { run } from '../fixtures/run.ts';

/** What a Linux allows at most (pid_max) is one more than any that it gives. */
const DEAD = 4_194_304;
const LOCK = join(import.meta.dirname, '../../deploy/lib/lock.ts');

function stage(t: Test, holder: string) {
  const folder = folderOf(t);
  const file = join(folder, 'state.json');
  const lock = `${file}.lock`;
  writeFileSync(lock, `${holder}\n`);
  return { folder, file, lock, text: () => readFileSync(lock, 'utf8').trim() };
}

t.test('of two that have seen what a dead run left, the second takes nothing from the first', (t) => {
  const { folder, file, lock, text } = stage(t, `${DEAD} ${hostname()}`);
  const first = `${process.ppid} ${hostname()}`;
  /** The run has seen the dead one's lock, and not yet acted. */
  const runs = (pid: number): boolean => {
    if (pid !== DEAD) return true;
    rmSync(lock);
    writeFileSync(lock, `${first}\n`);
    return false;
  };
  t.throws(() => takeLock(file, runs), { message: `Another run has ${file}: process ${process.ppid} on` });
  t.equal(text(), first);
  t.same(readdirSync(folder), ['state.json.lock']);
  t.end();
});

t.test('nor from one that takes it over just then, or begins in between', (t) => {
  const claimed = stage(t, `${DEAD} ${hostname()}`);
  writeFileSync(`${claimed.lock}.claim`, '');
  t.throws(() => takeLock(claimed.file), {
    message: /takes over .* just now/,
    cure: /rm .*\.claim .*\.lock$/,
  });
  t.equal(claimed.text(), `${DEAD} ${hostname()}`);
  const begun = stage(t, '');
  t.throws(
    () => takeLock(begun.file),
    { message: /one that has just begun/ },
    'it has not said yet who it is',
  );
  t.end();
});

t.test("what is gone when it is looked at again is nobody else's to remove", (t) => {
  const { file, lock, text } = stage(t, `${DEAD} ${hostname()}`);
  takeLock(file, () => {
    rmSync(lock);
    return false;
  });
  t.equal(text(), `${process.pid} ${hostname()}`);
  t.end();
});

t.test("a lock that cannot be read is somebody's", (t) => {
  const { file, lock } = stage(t, '');
  rmSync(lock);
  mkdirSync(lock);
  t.throws(() => takeLock(file), { message: `Cannot read ${lock}: EISDIR` });
  t.ok(existsSync(lock));
  t.end();
});

t.test('of many that begin at once one has it', async (t) => {
  const { folder, file, text } = stage(t, `${DEAD} ${hostname()}`);
  const script = `
    import { takeLock } from ${JSON.stringify(LOCK)};
    import { once } from 'node:events';
    console.log('ready');
    await once(process.stdin, 'data');
    try { takeLock(${JSON.stringify(file)}); console.log('has it'); } catch (error) { console.log(error.message); }
    await once(process.stdin, 'end');`;
  const runs = [1, 2, 3, 4].map(() => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  });
  for (const { lines } of runs) t.equal((await lines.next()).value, 'ready');
  for (const { child } of runs) child.stdin.write('go');
  const said = await Promise.all(runs.map(async ({ lines }) => (await lines.next()).value as string));
  const having = said.indexOf('has it');
  t.equal(said.filter((word) => word === 'has it').length, 1, said.join('; '));
  t.equal(text(), `${runs[having]?.child.pid} ${hostname()}`, 'and the lock is its own');
  t.same(readdirSync(folder), ['state.json.lock']);
  await Promise.all(
    runs.map(async ({ child }) => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    }),
  );
  takeLock(file);
  releaseLock(file);
  t.notOk(existsSync(`${file}.lock`));
});

t.test("one that is another's by now is not released", (t) => {
  const { file, lock, text } = stage(t, `${DEAD} ${hostname()}`);
  takeLock(file);
  t.equal(text(), `${process.pid} ${hostname()}`);
  for (const other of [`${process.ppid} ${hostname()}`, `${process.pid} elsewhere`, '']) {
    writeFileSync(lock, `${other}\n`);
    releaseLock(file);
    t.equal(text(), other);
  }
  t.end();
});

t.test('where there is no room for it none is left, and the next run has it', async (t) => {
  const { folder, file, lock } = stage(t, '');
  rmSync(lock);
  const script = `
    import { takeLock } from ${JSON.stringify(LOCK)};
    try { takeLock(${JSON.stringify(file)}); } catch (error) { console.log(error.message, error.cure); }`;
  // No file may have a byte: as on a disk that is full, a file can be made and not written.
  const limited = ['-c', 'ulimit -f 0; exec "$0" --input-type=module -e "$1"', process.execPath, script];
  const { stdout } = await run('sh', limited);
  t.equal(
    stdout,
    `Cannot write ${lock}: EFBIG see how much room ${folder} has, and whether its disk works\n`,
  );
  t.same(readdirSync(folder), []);
  takeLock(file);
  releaseLock(file);
});
