import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import net, { type Socket } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { openPrivateSocket } from '#control/private-socket.ts';
import { folderOf } from '../../fixtures/owned.ts';

const nobody = (socket: Socket): void => void socket.destroy();

async function opened(t: Test, path: string, onConnection = nobody) {
  const socket = await openPrivateSocket(path, onConnection);
  t.teardown(() => socket.close());
  return socket;
}

/** What who connects hears, or why he cannot. */
async function hear(path: string): Promise<string> {
  const socket = net.connect(path);
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
  socket.once('data', (chunk) => resolve(String(chunk)));
  const heard = await promise;
  socket.destroy();
  return heard;
}

const says =
  (word: string) =>
  (socket: Socket): void => {
    socket.on('error', () => {});
    socket.end(word);
  };

// Attacks: own-hand.
t.test('openPrivateSocket() makes it for this user alone, from its first moment on', async (t) => {
  const path = join(folderOf(t), 'run', 'cache.sock');
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  const socket = await opened(t, path, says('here'));
  t.equal(lstatSync(path).mode & 0o777, 0o600);
  t.equal(lstatSync(join(path, '..')).mode & 0o777, 0o700, 'and its folder where there was none');
  t.same(readdirSync(join(path, '..')), ['cache.sock'], 'and leaves nothing else');
  t.equal(await hear(path), 'here');
  socket.close();
  t.notOk(existsSync(path));
});

t.test('openPrivateSocket() takes the place of one that was left, and of no other', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 's');
  const left = net.createServer().listen(join(folder, 'l'));
  await once(left, 'listening');
  renameSync(join(folder, 'l'), path);
  left.close();
  await once(left, 'close');
  t.ok(lstatSync(path).isSocket());
  const first = await opened(t, path, says('first'));
  t.equal(await hear(path), 'first');
  await t.rejects(openPrivateSocket(path, nobody), /another process listens there/);
  t.equal(await hear(path), 'first', 'which goes on');
  // As where a supervisor is slower to go than the next is to come.
  renameSync(path, join(folder, 'other'));
  await opened(t, path, says('second'));
  first.close();
  t.equal(await hear(path), 'second', 'one that goes takes away no other');
});

// Attacks: own-hand.
t.test('openPrivateSocket() neither follows nor replaces what somebody has put there', async (t) => {
  const folder = folderOf(t);
  const target = join(folder, 'target');
  writeFileSync(target, 'precious');
  symlinkSync(target, join(folder, 'link'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
  mkdirSync(join(folder, 'folder'));
  for (const name of ['link', 'dangling', 'target', 'folder'])
    await t.rejects(openPrivateSocket(join(folder, name), nobody), /is no socket: remove it/);
  t.equal(readFileSync(target, 'utf8'), 'precious');
  t.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
});

// Attacks: own-hand.
t.test('openPrivateSocket() uses no folder that others may write to or enter', async (t) => {
  const folder = folderOf(t);
  for (const mode of [0o777, 0o770, 0o755, 0o1777, 0o701]) {
    chmodSync(folder, mode);
    await t.rejects(openPrivateSocket(join(folder, 's'), nobody), /Others may enter/, mode.toString(8));
  }
  chmodSync(folder, 0o750);
  // Only root can give a folder away.
  if (process.getuid?.() === 0) {
    chownSync(folder, 65_534, 65_534);
    await t.rejects(openPrivateSocket(join(folder, 's'), nobody), /is made, such as ".+\/control"$/);
    chownSync(folder, 0, 0);
  }
  await opened(t, join(folder, 's'));
  await t.rejects(openPrivateSocket('/proc/1/task/cache.sock', nobody), 'another user’s, or nobody’s');
});

t.test('openPrivateSocket() makes a folder of its own where all may write, as on an emptyDir', async (t) => {
  const shared = folderOf(t);
  chmodSync(shared, 0o2777);
  const path = join(shared, 'control', 'cache.sock');
  const first = await opened(t, path, says('first'));
  t.equal(lstatSync(join(path, '..')).mode & 0o777, 0o700);
  first.close();
  await opened(t, path, says('next'));
  t.equal(await hear(path), 'next', 'a container that is started anew finds it, and takes it');
});

t.test('openPrivateSocket() says what is wrong with a path', async (t) => {
  const folder = folderOf(t);
  await t.rejects(openPrivateSocket(join(folder, 'x'.repeat(200), 's'), nobody), Error);
  await t.rejects(openPrivateSocket(join(folder, 'no', 'such', 's'), nobody), { code: 'ENOENT' });
});
