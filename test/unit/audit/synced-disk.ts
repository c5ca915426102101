import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SyncedDisk } from '#audit/synced-disk.ts';
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
  const disk = new SyncedDisk(events, system, async (fd) => {
    if (fault !== undefined) throw fault;
    synced.push(fd);
  });
  const failSync = (code: string): void => {
    fault = Object.assign(new Error(code), { code });
  };
  return { system, disk, told, synced, failSync };
}

t.test('SyncedDisk syncs the file that was written last, and each before it closes', async (t) => {
  const { disk, synced, system } = start();
  await disk.sync();
  t.same(synced, [], 'nothing was written');
  const fd = await disk.open('a');
  t.equal(await disk.write(fd, Buffer.from('abc'), 1), 2);
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
  const disk = new SyncedDisk({ onFailed: (error) => t.fail(error), onUnsynced: (error) => t.fail(error) });
  const fd = await disk.open(path);
  await disk.write(fd, Buffer.from('abc'), 0);
  await disk.sync();
  await disk.close(fd);
  t.equal(readFileSync(path, 'utf8'), 'abc');
});
