import t from 'tap';
import { runtimeDirectory } from '#config/runtime-directory.ts';

t.test('runtimeDirectory() is the first that systemd has made', async (t) => {
  t.equal(runtimeDirectory({ RUNTIME_DIRECTORY: '/run/weir' }), '/run/weir');
  t.equal(runtimeDirectory({ RUNTIME_DIRECTORY: '/run/weir:/run/other' }), '/run/weir');
  t.equal(runtimeDirectory({ RUNTIME_DIRECTORY: '' }), undefined);
  t.equal(runtimeDirectory({}), undefined);
});

t.test('runtimeDirectory() looks at the environment of the process', async (t) => {
  const before = process.env.RUNTIME_DIRECTORY;
  process.env.RUNTIME_DIRECTORY = '/run/x';
  t.equal(runtimeDirectory(), '/run/x');
  if (before === undefined) delete process.env.RUNTIME_DIRECTORY;
  else process.env.RUNTIME_DIRECTORY = before;
});
