import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Config } from '#config/config.ts';
import { ReplayFolder } from '#replay-folder.ts';
import { config } from '../fixtures/config.ts';
import { keyFile } from '../fixtures/hops.ts';

function trusting(file: string, more = ''): string {
  return `hop: { trust: { from: [all], keyFiles: [${file}], audience: ["a:1"]${more} } }`;
}

const directoryOf = ({ hop }: Config): string | undefined => hop.verify?.replayDirectory;

t.test('place() leaves alone what needs no place', async (t) => {
  const folder = new ReplayFolder(t.testdir({}));
  const plain = await config('workers: 4');
  t.equal(folder.place(plain), plain);
  const alone = new ReplayFolder(undefined);
  const one = await config(trusting(keyFile(t, 1)));
  t.equal(alone.place(one), one, 'one process keeps it by itself');
  alone.remove();
});

t.test('place() goes by the file, then by systemd', async (t) => {
  const [kept, own] = [t.testdir({}), t.testdir({ own: {} })];
  const folder = new ReplayFolder(kept);
  const file = keyFile(t, 1);
  t.equal(directoryOf(folder.place(await config(trusting(file)))), kept);
  t.equal(directoryOf(folder.place(await config(trusting(file, `, replayDirectory: ${own}`)))), own);
});

t.test('place() makes a folder for workers, the same each time, and remove() removes it', async (t) => {
  const folder = new ReplayFolder(undefined);
  const workers = await config('workers: 2', trusting(keyFile(t, 1)));
  const made = directoryOf(folder.place(workers)) ?? '';
  t.ok(existsSync(made));
  t.equal(directoryOf(folder.place(workers)), made);
  folder.remove();
  t.notOk(existsSync(made));
});

t.test('place() says where nothing can be kept', async (t) => {
  const folder = new ReplayFolder(join(t.testdir({}), 'nowhere'));
  const one = await config(trusting(keyFile(t, 1)));
  t.throws(() => folder.place(one), { message: /^Cannot keep used assertions in /, exitCode: 78 });
});
