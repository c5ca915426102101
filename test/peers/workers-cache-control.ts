/** `weir cache` and four real workers: it hears of each of them, and a purge is done by all of them before it says so, and told once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { weir as command, metric } from '../fixtures/weir.ts';
import { onEach, startWorkers, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const folder = folderOf(t);
const socket = join(folder, 'run', 'cache.sock');
const trail = join(folder, 'audit.log');
const origin = owned(
  t,
  await httpOrigin((_, response) => void response.setHeader('Cache-Control', 'max-age=3600').end('body')),
);
const weir = await startWorkers(t, {
  workers: '4',
  access: '[{ name: reads, allow: [all], cache: true }]',
  cache: `{ socket: ${socket} }`,
  log: `{ audit: { path: ${trail}, strict: true } }`,
});
await weir.logged('Listening for weir cache');

const urlOf = (path: string): string => `http://origin.example:${origin.port}${path}`;
const ask = (...args: readonly string[]) => command('cache', ...args, '--socket', socket);

/** What the cache of each worker does. */
function getOfEach(path: string): Promise<readonly (string | undefined)[]> {
  return onEach(weir, async () => {
    await using client = await RawClient.connect(weir.port);
    client.send(`GET ${urlOf(path)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return (await readAnswer(client)).fields['cache-status']?.split(';')[1];
  });
}

const all = (what: string): readonly string[] => Array(4).fill(what);

t.test('why hears of each worker', async (t) => {
  t.same(await getOfEach('/a'), all('fwd=uri-miss'));
  t.same(await getOfEach('/b'), all('fwd=uri-miss'));
  const { status, stdout } = await ask('why', urlOf('/a'), '--json');
  t.equal(status, 0);
  const { complete, processes } = JSON.parse(stdout);
  t.equal(complete, true);
  const told = processes.map(({ pid, kept }: { pid: number; kept: object[] }) => [pid, kept.length]);
  t.same(
    told.sort(),
    workersOf(weir)
      .map((pid) => [pid, 1])
      .sort(),
  );
});

t.test('a purge is done by each worker when it says so, and is told once', async (t) => {
  const one = await ask('purge', urlOf('/a'));
  t.match(one, { status: 0, stdout: /: 4 answers of 4 processes\n$/ });
  t.same(await getOfEach('/a'), all('fwd=uri-miss'));
  t.same(await getOfEach('/b'), all('hit'), 'nothing else');
  t.match(await ask('purge', 'origin.example'), { status: 0, stdout: /: 8 answers of 4 processes\n$/ });
  for (const path of ['/a', '/b']) t.same(await getOfEach(path), all('fwd=uri-miss'));
  const purges = readFileSync(trail, 'utf8').match(/"action":"cache purge"/g);
  t.equal(purges?.length, 2, 'on the trail');
  t.equal(weir.log.filter(({ msg }) => msg === 'Cache purged').length, 2, 'in the log');
  t.equal(await metric(weir, 'weir_cache_purges_total{result="done"}'), 2, 'and counted');
});
