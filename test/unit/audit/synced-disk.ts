import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type AuditCalls, PROMPT_CALLS, SyncedDisk } from '#audit/synced-disk.ts';
import { failingDisk } from '../../fixtures/failing-disk.ts';

function start() {
  const system = failingDisk();
  const told: string[] = [];
  const synced: number[] = [];
  const events = {
    onFailed: ({ code }: NodeJS.ErrnoException) => told.push(`failed ${code}`),
    onUnsynced: ({ code }: NodeJS.ErrnoException) => told.push(`unsynced ${code}`),
  };
  let fault: Error | undefined;
  const sync = async (fd: number): Promise<void> => {
    if (fault !== undefined) throw fault;
    synced.push(fd);
  };
  const disk = new SyncedDisk(events, { ...system, sync });
  const failSync = (code: string): void => {
    fault = Object.assign(new Error(code), { code });
  };
  return { system, events, disk, told, synced, failSync };
}

t.test('SyncedDisk syncs the file that was written last, and each before it closes', async (t) => {
  const { disk, synced, system } = start();
  await disk.sync();
  t.same(synced, [], 'nothing was written');
  const fd = await disk.open('a');
  const writing = disk.write(fd, Buffer.from('abc'), 1);
  t.equal(disk.isWriting, true);
  t.equal(await writing, 2);
  t.equal(disk.isWriting, false);
  await disk.sync();
  await Promise.all([disk.sync(), disk.sync(), disk.sync()]);
  t.same(synced, [fd, fd], 'once for all who ask at the same time');
  await disk.close(fd);
  t.same(synced, [fd, fd, fd]);
  t.same(system.closed, [fd]);
  await disk.sync();
  await disk.close(99);
  t.same(synced, [fd, fd, fd, 99]);
});

t.test('SyncedDisk tells of writes that fail, and of what may not be on the disk', async (t) => {
  const { disk, system, told, failSync } = start();
  system.fates = [{ code: 'ENOSPC' }];
  await t.rejects(disk.write(5, Buffer.from('a'), 0), { code: 'ENOSPC' });
  await disk.write(5, Buffer.from('a'), 0);
  failSync('EIO');
  await disk.sync();
  await disk.close(5);
  t.same(told, ['failed ENOSPC', 'unsynced EIO', 'unsynced EIO']);
  t.same(system.closed, [5], 'closed all the same');
});

t.test('SyncedDisk works on a real file', async (t) => {
  const path = join(t.testdir(), 'audit.log');
  const events = { onFailed: (error: Error) => t.fail(error), onUnsynced: (error: Error) => t.fail(error) };
  for (const disk of [new SyncedDisk(events), new SyncedDisk(events, PROMPT_CALLS)]) {
    const fd = await disk.open(path);
    await disk.write(fd, Buffer.from('abc'), 1);
    await disk.sync();
    await disk.close(fd);
  }
  t.equal(readFileSync(path, 'utf8'), 'bcbc');
});

t.test('SyncedDisk writes at once only where that is asked for, and never beside a sync', async (t) => {
  const { system, events, disk, told } = start();
  t.equal(disk.isPrompt, false);
  const now: string[] = [];
  const syncing = Promise.withResolvers<void>();
  const calls: AuditCalls = {
    ...system,
    sync: () => syncing.promise,
    writeNow(_fd, bytes, offset) {
      if (now.length === 2) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return now.push(bytes.toString('utf8', offset));
    },
  };
  const prompt = new SyncedDisk(events, calls);
  t.equal(prompt.isPrompt, true);
  t.equal(await prompt.write(5, Buffer.from('abc'), 1), 1);
  const synced = prompt.sync();
  await Promise.resolve();
  t.equal(prompt.isPrompt, false);
  await prompt.write(5, Buffer.from('d'), 0);
  t.equal(system.written.get(5), 'd');
  syncing.resolve();
  await synced;
  await prompt.write(5, Buffer.from('e'), 0);
  t.same(now, ['bc', 'e']);
  await t.rejects(prompt.write(5, Buffer.from('f'), 0), { code: 'ENOSPC' });
  t.same(told, ['failed ENOSPC']);
});

t.test('SyncedDisk lets a disk that was slow not hold up the main thread again', async (t) => {
  const { system, events } = start();
  const clock = t.capture(performance, 'now', () => nowMs);
  let nowMs = 1_000_000;
  const writeNow = (_fd: number, bytes: Buffer): number => {
    nowMs += 21;
    return bytes.length;
  };
  const disk = new SyncedDisk(events, { ...system, sync: async () => {}, writeNow });
  await disk.write(5, Buffer.from('a'), 0);
  t.equal(disk.isPrompt, false);
  await disk.write(5, Buffer.from('b'), 0);
  t.equal(system.written.get(5), 'b', 'by the thread pool');
  nowMs += 5_000;
  t.equal(disk.isPrompt, true);
  clock.restore();
});
