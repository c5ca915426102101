import { readFileSync, statSync } from 'node:fs';
import t from 'tap';
import { FILE_CALLS, openNow } from '#record/log-file.ts';

// Attacks: secrets.
t.test('openNow() opens a new file for append, that only its group may read besides its owner', async (t) => {
  const path = `${t.testdir()}/a/access.log`;
  const fd = openNow(path);
  t.equal(statSync(path).mode & 0o137, 0);
  await FILE_CALLS.close(fd);
});

t.test('write() takes what follows the offset, at the end of the file', async (t) => {
  const path = `${t.testdir({ 'access.log': 'before ' })}/access.log`;
  const fd = await FILE_CALLS.open(path);
  t.equal(await FILE_CALLS.write(fd, Buffer.from('one two'), 4), 3);
  await FILE_CALLS.close(fd);
  t.equal(readFileSync(path, 'utf8'), 'before two');
  await t.rejects(FILE_CALLS.write(fd, Buffer.from('late'), 0), { code: 'EBADF' });
});
