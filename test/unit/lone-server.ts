import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { SHARDS } from '#cache/disk-folder.ts';
import { parseConfig } from '#config/load.ts';
import { LoneServer } from '../../src/lone-server.ts';
import { Service } from '../../src/service.ts';
import { configText } from '../fixtures/config.ts';
import { folderOf } from '../fixtures/owned.ts';

t.test('askCaches() has no answer, and never rejects, where the disk fails', async (t) => {
  const path = folderOf(t);
  // No folder can be read where there is a file.
  for (const shard of SHARDS) writeFileSync(join(path, shard), '');
  const text = configText(`cache: { disk: { path: ${path}, size: 64MiB } }`, 'log: { level: error }');
  const service = new Service(await parseConfig(text));
  t.teardown(() => service.abandon());
  const request = { url: 'http://origin.example/', method: 'GET', headers: [] };
  const words = await new LoneServer(service).askCaches({ act: 'why', request });
  t.same(words, [{ pid: process.pid, reply: undefined }]);
});
