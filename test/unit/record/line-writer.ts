import { readFileSync, renameSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { LineWriter, type LineWriterOptions } from '#record/line-writer.ts';
import { failingDisk } from '../../fixtures/failing-disk.ts';

interface Fixture {
  readonly writer: LineWriter;
  readonly dropped: number[];
  readonly errors: (string | undefined)[];
}

function start(options: Omit<LineWriterOptions, 'onDrop' | 'onError'>): Fixture {
  const dropped: number[] = [];
  const errors: (string | undefined)[] = [];
  const writer = new LineWriter({
    ...options,
    onDrop: (lines) => dropped.push(lines),
    onError: ({ code }) => errors.push(code),
  });
  return { writer, dropped, errors };
}

t.test('write() appends whole lines to the file, and makes its folders', async (t) => {
  const path = `${t.testdir()}/a/b/access.log`;
  const first = start({ path });
  first.writer.write('one');
  first.writer.write('two');
  await first.writer.close();
  const second = start({ path });
  second.writer.write('drei ä');
  await second.writer.close();
  t.equal(readFileSync(path, 'utf8'), 'one\ntwo\ndrei ä\n');
  t.same([first.dropped, first.errors, second.dropped, second.errors], [[], [], [], []]);
});

t.test('write() sends lines together after a moment, without being told to', async (t) => {
  const system = failingDisk();
  const { writer } = start({ path: 'stdout', system });
  system.hold = true;
  writer.write('one');
  writer.write('two');
  await system.held;
  system.release();
  await writer.flush();
  t.equal(system.written.get(1), 'one\ntwo\n');
  t.equal(system.writes.length, 1);
});

t.test('write() sends 256 KiB at once', async (t) => {
  const system = failingDisk();
  const { writer } = start({ path: 'stdout', system });
  writer.write('x'.repeat(256 * 1024));
  await delay(0);
  t.equal(system.written.get(1)?.length, 256 * 1024 + 1, 'before lines are sent for their age');
});

t.test('write() goes on where a short write stopped', async (t) => {
  const system = failingDisk();
  const { writer, errors } = start({ path: 'stdout', system });
  system.fates = [2, 3];
  writer.write('one');
  writer.write('two');
  await writer.flush();
  t.equal(system.written.get(1), 'one\ntwo\n');
  t.equal(system.writes.length, 3);
  t.same(errors, []);
});

t.test('write() tries a failed write again, from where it stopped', async (t) => {
  const system = failingDisk();
  const { writer, errors, dropped } = start({ path: 'stdout', system });
  system.fates = [5, { code: 'ENOSPC' }, { code: 'ENOSPC' }];
  writer.write('one');
  writer.write('two');
  await writer.flush();
  writer.write('three');
  await writer.flush();
  t.equal(system.written.get(1), 'one\nt', 'while the disk is full');
  await writer.flush();
  t.equal(system.written.get(1), 'one\ntwo\nthree\n');
  t.same(errors, ['ENOSPC', 'ENOSPC']);
  t.same(dropped, []);
});

t.test('write() tries again every second by itself', async (t) => {
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const system = failingDisk();
  const { writer } = start({ path: 'stdout', system });
  system.fates = [{ code: 'EIO' }];
  writer.write('one');
  await writer.flush();
  t.clock.advance(500);
  writer.write('two');
  t.clock.advance(499);
  await Promise.resolve();
  t.equal(system.writes.length, 1, 'and not for each new line');
  t.clock.advance(1);
  await Promise.resolve();
  t.equal(system.writes.length, 2);
  await writer.flush();
  t.equal(system.written.get(1), 'one\ntwo\n');
});

t.test('write() does not call it an error that a pipe is full for the moment', async (t) => {
  const system = failingDisk();
  const { writer, errors } = start({ path: 'stdout', system });
  system.fates = [{ code: 'EAGAIN' }];
  writer.write('one');
  await writer.flush();
  t.equal(system.written.get(1), undefined);
  while (system.written.get(1) === undefined) await delay(5);
  t.equal(system.written.get(1), 'one\n');
  t.same(errors, []);
});

// Attacks: bounded.
t.test('write() drops and counts what the queue has no room for, and recovers', async (t) => {
  const system = failingDisk();
  const { writer, dropped } = start({ path: 'stdout', system, maxQueuedChars: 10 });
  system.fates = [{ code: 'ENOSPC' }];
  writer.write('one');
  writer.write('three');
  writer.write('x');
  t.same(dropped, [1]);
  await writer.flush();
  writer.write('four');
  t.same(dropped, [1, 1], 'still full, since nothing was written');
  await writer.flush();
  writer.write('five');
  await writer.flush();
  t.equal(system.written.get(1), 'one\nthree\nfive\n');
});

t.test('two writers of one file never mix their lines', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const writers = ['a', 'b', 'c'].map((letter) => ({ letter, ...start({ path }) }));
  for (let i = 0; i < 500; i += 1) {
    for (const { writer, letter } of writers) writer.write(letter.repeat(100 + (i % 300)));
  }
  await Promise.all(writers.map(({ writer }) => writer.close()));
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  t.equal(lines.length, 1_500);
  t.same(
    lines.filter((line) => !/^(a+|b+|c+)$/.test(line)),
    [],
  );
});

t.test('new LineWriter() throws what the system says', async (t) => {
  const folder = t.testdir({ file: '' });
  t.throws(() => start({ path: folder }), { code: 'EISDIR' });
  t.throws(() => start({ path: `${folder}/file/access.log` }), { code: /^E(EXIST|NOTDIR)$/ });
});

t.test('reopen() goes on in a new file under the old name', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const { writer, errors } = start({ path });
  writer.write('one');
  await writer.flush();
  renameSync(path, `${path}.1`);
  writer.write('two');
  await writer.flush();
  await writer.reopen();
  writer.write('three');
  await writer.close();
  t.equal(readFileSync(`${path}.1`, 'utf8'), 'one\ntwo\n');
  t.equal(readFileSync(path, 'utf8'), 'three\n');
  t.same(errors, []);
});

t.test('reopen() stays with the old file where the new one cannot be opened', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const system = failingDisk();
  const { writer, errors } = start({ path, system });
  system.openFails = 'EACCES';
  await writer.reopen();
  writer.write('one');
  await writer.flush();
  t.same([...system.written.values()], ['one\n']);
  t.same(system.closed, []);
  t.same(errors, ['EACCES']);
});

t.test('reopen() begins a line again in the new file that a full disk cut in two', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const system = failingDisk();
  const { writer } = start({ path, system });
  system.fates = [5, { code: 'ENOSPC' }];
  writer.write('one');
  writer.write('two');
  await writer.flush();
  await writer.reopen();
  t.same([...system.written.values()], ['one\nt', 'two\n']);
});

t.test('reopen() leaves a write in flight to the old file, and opens only what it keeps', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const system = failingDisk();
  const { writer } = start({ path, system });
  system.hold = true;
  writer.write('one');
  const flushed = writer.flush();
  await system.held;
  const reopened = [writer.reopen(), writer.reopen()];
  await delay(0);
  system.release();
  await Promise.all([flushed, ...reopened]);
  writer.write('two');
  await writer.close();
  const [old] = system.writes;
  t.same([...system.written.values()], ['one\n', 'two\n']);
  t.same(
    system.closed,
    [1_000_001, old, 1_000_002],
    'the one that was superseded, the old one, the last one',
  );
});

t.test('reopen() and close() leave a standard stream alone', async (t) => {
  const system = failingDisk();
  const { writer } = start({ path: 'stderr', system });
  await writer.reopen();
  writer.write('one');
  await writer.close();
  t.equal(system.written.get(2), 'one\n');
  t.same(system.closed, []);
});

t.test('room tells how much more there is room for, and that there is none at the end', async (t) => {
  const written: number[] = [];
  const { writer } = start({
    path: 'stdout',
    system: failingDisk(),
    maxQueuedChars: 10,
    onWritten: (lines) => written.push(lines),
  });
  t.equal(writer.room, 10);
  writer.write('four');
  t.equal(writer.room, 5);
  await writer.flush();
  t.equal(writer.room, 10);
  t.same(written, [1]);
  await writer.close();
  t.equal(writer.room, 0);
});

t.test('close() takes no more lines, and closes once', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const system = failingDisk();
  const { writer, dropped } = start({ path, system });
  await writer.close();
  await writer.close();
  writer.write('late');
  t.same(dropped, [1]);
  t.equal(system.closed.length, 1);
});

t.test('close() drops and counts what a full disk does not take', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const system = failingDisk();
  const { writer, dropped, errors } = start({ path, system });
  system.fates = [{ code: 'ENOSPC' }, { code: 'ENOSPC' }];
  writer.write('one');
  await writer.flush();
  writer.write('two');
  await writer.close();
  t.same(dropped, [2]);
  t.same(errors, ['ENOSPC', 'ENOSPC']);
  t.equal(system.closed.length, 1);
});

t.test('close() waits for a pipe that is full for the moment', async (t) => {
  const system = failingDisk();
  const { writer, dropped } = start({ path: 'stdout', system });
  system.fates = [{ code: 'EAGAIN' }];
  writer.write('one');
  await writer.close();
  t.equal(system.written.get(1), 'one\n');
  t.same(dropped, []);
});

t.test('close() gives up on a write that hangs, and leaves its descriptor open', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const system = failingDisk();
  const { writer, dropped } = start({ path, system, closeTimeoutMs: 10 });
  system.hold = true;
  writer.write('one');
  await writer.close();
  t.same(dropped, [1]);
  t.same(system.closed, []);
});

t.test('flushSync() writes at once what is not in flight', async (t) => {
  const path = `${t.testdir()}/access.log`;
  const { writer } = start({ path });
  writer.write('one');
  void writer.flush();
  writer.write('two');
  writer.flushSync();
  await writer.close();
  t.same(readFileSync(path, 'utf8').trimEnd().split('\n').sort(), ['one', 'two']);
});

/** Reason to skip, where the system has no device that is always full. */
const noFullDevice = process.platform === 'linux' ? false : 'only Linux has /dev/full';

t.test('a device that is always full costs the lines and nothing else', { skip: noFullDevice }, async (t) => {
  const { writer, dropped, errors } = start({ path: '/dev/full' });
  writer.write('one');
  await writer.flush();
  writer.write('two');
  writer.flushSync();
  t.same(errors, ['ENOSPC']);
  t.same(dropped, [1, 1]);
});
