import { join } from 'node:path';
import t from 'tap';
import type { Config } from '#config/config.ts';
import { parseConfig } from '#config/load.ts';
import { CacheControl } from '../../src/cache-control.ts';
import type { Server } from '../../src/server.ts';
import { folderOf } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';

const ACCESS = '[{ name: a, allow: [all], cache: true }]';

function opened(): { control: CacheControl; told: string[] } {
  const told: string[] = [];
  const tell = (_: object, message: string): void => void told.push(message);
  const server = { log: { info: tell, error: tell } } as unknown as Server;
  return { control: new CacheControl(server), told };
}

const configOf = (keys: Readonly<Record<string, string>> = {}): Promise<Config> => parseConfig(yamlOf(keys));

t.test('that there is no socket for what is kept is told once', async (t) => {
  const { control, told } = opened();
  await control.heed(await configOf());
  t.same(told, [], 'nothing is kept');
  const caching = await configOf({ access: ACCESS });
  await control.heed(caching);
  await control.heed(caching);
  t.same(told, ['Not listening for weir cache']);
  await control.close();
});

t.test('a socket is opened when the file names one, and stays', async (t) => {
  const { control, told } = opened();
  const cache = `{ socket: ${join(folderOf(t), 'run', 'cache.sock')} }`;
  await control.heed(await configOf({ access: ACCESS, cache }));
  await control.heed(await configOf({ access: ACCESS }));
  t.same(told, ['Listening for weir cache']);
  await control.close();
});

t.test('a socket that cannot be opened is told, and tried again', async (t) => {
  const { control, told } = opened();
  const config = await configOf({ access: ACCESS, cache: '{ socket: /proc/1/task/cache.sock }' });
  await control.heed(config);
  await control.heed(config);
  t.same(told, Array(2).fill('Cannot listen for weir cache, which does not work'));
  await control.close();
});
