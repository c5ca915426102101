import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { openFilesLimit, socketBudget } from '#net/open-files.ts';

t.test('socketBudget() never promises more sockets than there are files, and keeps some back', async (t) => {
  for (const openFiles of [16, 100, 256, 1024, 4096, 65_536, 1_048_576]) {
    const { clients, idle } = socketBudget(openFiles);
    t.ok(clients >= 1 && idle >= 1, `${openFiles} files`);
    t.ok(
      2 * clients + idle <= openFiles * 0.75 || openFiles > 2048,
      `a quarter of ${openFiles} is kept back`,
    );
    t.ok(2 * clients + idle <= openFiles - Math.min(512, openFiles / 4));
  }
  t.same(socketBudget(1024), { clients: 320, idle: 128 });
  t.same(socketBudget(1_048_576), { clients: 523_776, idle: 512 });
  t.equal(socketBudget(1).clients, 1);
});

t.test('openFilesLimit() reads the soft limit', async (t) => {
  const folder = t.testdir({
    limits:
      'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1234                 4096                 files     \n',
    unlimited: 'Max open files            unlimited            unlimited            files     \n',
  });
  t.equal(openFilesLimit(join(folder, 'limits')), 1234);
  t.equal(openFilesLimit(join(folder, 'unlimited')), 1024);
  t.equal(openFilesLimit(join(folder, 'none')), 1024);
  if (process.platform === 'linux') t.ok(openFilesLimit() > 0);
});
