import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { prepareCacheFolder } from '../../src/cache-folder.ts';
import { folderOf } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';

const configOf = (path?: string) =>
  parseConfig(yamlOf(path === undefined ? {} : { cache: `{ disk: { path: ${path}, size: 16MiB } }` }), {});

t.test('a folder that is missing is made, for its owner alone', async (t) => {
  const path = join(folderOf(t), 'a/b');
  prepareCacheFolder(await configOf(path));
  t.equal(statSync(path).mode & 0o777, 0o700);
});

t.test('one that is there stays as it is, and none is asked for where none is named', async (t) => {
  const path = join(folderOf(t), 'there');
  mkdirSync(path, { mode: 0o750 });
  prepareCacheFolder(await configOf(path));
  t.equal(statSync(path).mode & 0o777, 0o750);
  prepareCacheFolder(await configOf());
});

t.test('where none can be made that is said, with what to do', async (t) => {
  const file = join(folderOf(t), 'file');
  writeFileSync(file, '');
  const config = await configOf(`${file}/cache`);
  t.throws(() => prepareCacheFolder(config), {
    exitCode: 78,
    message: /^Cannot keep answers in cache\.disk\.path ".*file\/cache" \(.*\)\. Make it a folder that/,
  });
});
