import { EventEmitter } from 'node:events';
import type { FSWatcher, watch } from 'node:fs';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { digestOf } from '#config/files.ts';
import { watchFiles } from '#config/watch.ts';

const QUICK = { debounceMs: 5, pollMs: 60_000 };
const POLLED = { debounceMs: 5, pollMs: 20 };

// A watch keeps no process alive, so the test has to.
const alive = setInterval(() => {}, 60_000);
t.teardown(() => clearInterval(alive));

type Options = Parameters<typeof watchFiles>[2];

/** A watch that counts changes; `next` waits for one more than was waited for before. */
function counting(t: Test, files: readonly string[], options: Options) {
  const events = new EventEmitter();
  const state = { calls: 0, awaited: 0 };
  const onChange = (): void => {
    state.calls += 1;
    events.emit('change');
  };
  const watch = watchFiles(files, onChange, options);
  t.teardown(() => watch.close());
  const next = async (): Promise<void> => {
    state.awaited += 1;
    while (state.calls < state.awaited) await new Promise((resolve) => events.once('change', resolve));
  };
  return { watch, next, state };
}

/** The same, after the first look: from now on only events and the poll make it look. */
async function watching(t: Test, files: readonly string[], options: Options) {
  const outdated = Object.fromEntries(files.map((file) => [file, 'outdated']));
  const counted = counting(t, files, { ...options, digests: outdated });
  await counted.next();
  Object.assign(counted.state, { calls: 0, awaited: 0 });
  return counted;
}

/** Stands for the system's watch: events come when the test says so. */
class FakeWatch extends EventEmitter {
  readonly directories: string[] = [];
  #listener: () => void = () => {};

  readonly watch = ((directory: string, _options: object, listener: () => void) => {
    this.directories.push(directory);
    this.#listener = listener;
    return Object.assign(this, { close: () => {} }) as unknown as FSWatcher;
  }) as unknown as typeof watch;

  event(): void {
    this.#listener();
  }
}

t.test('watchFiles() tells of each change', async (t) => {
  const file = join(t.testdir({ a: '1' }), 'a');
  const { next, state } = await watching(t, [file], QUICK);
  for (const content of ['2', '3', '1']) {
    writeFileSync(file, content);
    await next();
  }
  t.equal(state.calls, 3);
});

t.test('watchFiles() tells of what changed between loading and watching', async (t) => {
  const file = join(t.testdir({ a: '2' }), 'a');
  const { next } = counting(t, [file], { ...QUICK, digests: { [file]: digestOf('1') } });
  await next();
});

t.test('watchFiles() begins with what it finds where nothing else is known', async (t) => {
  const file = join(t.testdir({ a: '1' }), 'a');
  const fake = new FakeWatch();
  const { next, state } = counting(t, [file], { ...POLLED, watch: fake.watch });
  while (fake.directories.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(state.calls, 0);
  // The first look may still be on its way; a changing content is told of after it, whichever it saw.
  const writing = setInterval(() => writeFileSync(file, `${performance.now()}`), 30);
  await next();
  clearInterval(writing);
});

t.test(
  'watchFiles() is silent about a touch, another file, a file that is gone, and one that came back',
  async (t) => {
    const directory = t.testdir({ a: '1', b: '1' });
    const [a, b] = [join(directory, 'a'), join(directory, 'b')];
    const { next, state } = await watching(t, [a, b], QUICK);
    const quiet: readonly (() => void)[] = [
      () => utimesSync(a, 0, 0),
      () => writeFileSync(join(directory, 'c'), 'x'),
      () => rmSync(a),
      () => writeFileSync(a, '1'),
    ];
    for (const [index, act] of quiet.entries()) {
      act();
      writeFileSync(b, `another ${index}`);
      await next();
      t.equal(state.calls, index + 1);
    }
    rmSync(a);
    writeFileSync(a, '2');
    await next();
  },
);

t.test('watchFiles() sees the symlink swap of a ConfigMap', async (t) => {
  const directory = t.testdir({ '..1': { a: '1' }, '..2': { a: '2' } });
  const file = join(directory, 'a');
  symlinkSync('..1', join(directory, '..data'));
  symlinkSync('..data/a', file);
  const { next } = await watching(t, [file], QUICK);
  symlinkSync('..2', join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  await next();
});

t.test(
  'watchFiles() sees a change behind a symlink to another directory, and a change of the link',
  async (t) => {
    const directory = t.testdir({ conf: {}, real: { a: '1' }, other: { a: '3' } });
    const file = join(directory, 'conf', 'a');
    symlinkSync('../real/a', file);
    const { next } = await watching(t, [file], QUICK);
    writeFileSync(join(directory, 'real', 'a'), '2');
    await next();
    rmSync(file);
    symlinkSync('../other/a', file);
    await next();
  },
);

t.test('watchFiles() survives that the directory goes and comes back', async (t) => {
  const directory = join(t.testdir({ d: { a: '1' } }), 'd');
  const file = join(directory, 'a');
  const { next } = await watching(t, [file], POLLED);
  rmSync(directory, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 60));
  mkdirSync(directory);
  writeFileSync(file, '2');
  await next();
  writeFileSync(file, '3');
  await next();
});

t.test('watchFiles() polls where no watch is to be had', async (t) => {
  const file = join(t.testdir({ a: '1' }), 'a');
  const watch = () => {
    throw Object.assign(new Error('No space left'), { code: 'ENOSPC' });
  };
  const { next } = await watching(t, [file], { ...POLLED, watch });
  writeFileSync(file, '2');
  await next();
});

t.test('watchFiles() watches again after a watch has failed', async (t) => {
  const directory = t.testdir({ a: '1' });
  const file = join(directory, 'a');
  const fake = new FakeWatch();
  const { next } = await watching(t, [file], { ...POLLED, watch: fake.watch });
  fake.emit('error', new Error('Lost'));
  writeFileSync(file, '2');
  await next();
  t.same(fake.directories, [directory, directory]);
});

t.test('watchFiles() looks even where events never end', async (t) => {
  const file = join(t.testdir({ a: '1' }), 'a');
  const fake = new FakeWatch();
  const { next } = await watching(t, [file], { debounceMs: 20, pollMs: 60_000, watch: fake.watch });
  const events = setInterval(() => {
    writeFileSync(file, `${performance.now()}`);
    fake.event();
  }, 2);
  await next();
  await next();
  clearInterval(events);
});

t.test('watchFiles() looks one at a time', async (t) => {
  const file = join(t.testdir({ a: '1' }), 'a');
  writeFileSync(file, Buffer.alloc(8 * 1024 * 1024));
  const { next } = await watching(t, [file], { debounceMs: 1, pollMs: 1 });
  writeFileSync(file, '2');
  await next();
});

t.test('watchFiles() goes on after a callback that throws', async (t) => {
  const file = join(t.testdir({ a: '1' }), 'a');
  const calls = new EventEmitter();
  const onChange = (): void => {
    calls.emit('call');
    throw new Error('Fault of the callback');
  };
  const watch = watchFiles([file], onChange, { ...QUICK, digests: { [file]: 'outdated' } });
  t.teardown(() => watch.close());
  await new Promise((resolve) => calls.once('call', resolve));
  writeFileSync(file, '2');
  await new Promise((resolve) => calls.once('call', resolve));
});

t.test('watchFiles() is silent after close(), also in the middle of looking', async (t) => {
  const directory = t.testdir({ a: '1' });
  const file = join(directory, 'a');
  const atOnce = counting(t, [file], { ...QUICK, digests: { [file]: 'outdated' } });
  atOnce.watch.close();
  const fake = new FakeWatch();
  const later = await watching(t, [file], { ...QUICK, watch: fake.watch });
  later.watch.close();
  fake.event();
  const other = await watching(t, [file], QUICK);
  writeFileSync(file, '2');
  await other.next();
  t.equal(atOnce.state.calls, 0);
  t.equal(later.state.calls, 0);
});

t.test('watchFiles() tells once of a file that is gone, and again after it was back', async (t) => {
  const directory = t.testdir({ a: '1', b: '1' });
  const [a, b] = [join(directory, 'a'), join(directory, 'b')];
  const missing: string[] = [];
  const onMissing = (file: string): void => {
    missing.push(file);
    throw new Error('a fault of the caller');
  };
  const { next, state } = await watching(t, [a, b], { ...QUICK, onMissing });
  const looksAgain = async (content: string): Promise<void> => {
    writeFileSync(b, content);
    await next();
  };
  rmSync(a);
  await looksAgain('3');
  await looksAgain('4');
  t.same(missing, [a]);
  writeFileSync(a, '1');
  await looksAgain('5');
  rmSync(a);
  await looksAgain('6');
  t.same(missing, [a, a]);
  t.equal(state.calls, 4);
});
