/**
 * Weir is killed again and again while it writes what it keeps on disk: whatever has its name is whole and served, and nothing else is.
 * `WEIR_TEST_KILLS=20` kills more often than CI has time for.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { urlHash } from '#cache/file-name.ts';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { chanceOf } from '../fixtures/chance.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { onEach, workersOf } from '../fixtures/workers.ts';

t.setTimeout(180_000);

const KILLS = Number(process.env.WEIR_TEST_KILLS ?? 2);
const CLIENTS = 16;
const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
t.teardown(() => agent.destroy());

/** Too large to be taken into memory again. */
const HUGE = '/huge';
const HUGE_BYTES = 3 * 1024 * 1024;

/** The same for the same path, from 1 byte to 300 kB but for one. */
function bodyOf(path: string): Buffer {
  const seed = createHash('sha256').update(path).digest();
  if (path === HUGE) return Buffer.alloc(HUGE_BYTES, seed);
  const length = 1 + (seed.readUInt32LE() % (seed.readUInt8(4) < 200 ? 20_000 : 300_000));
  return Buffer.alloc(length, seed);
}

interface Got {
  readonly status: number;
  readonly body: Buffer;
}

/** Undefined where the connection broke off. */
function get(port: number, url: string, headers: http.OutgoingHttpHeaders = {}): Promise<Got | undefined> {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, path: url, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    request.on('error', () => resolve(undefined));
  });
}

const ONLY_KEPT = { 'Cache-Control': 'only-if-cached' };

async function stage(t: Test, workers: number) {
  const folder = folderOf(t);
  const origin = owned(
    t,
    await httpOrigin((request, response) => {
      response.writeHead(200, { 'Cache-Control': 'max-age=3600' }).end(bodyOf(request.url ?? ''));
    }),
  );
  const yaml = yamlOf({
    workers: String(workers),
    access: '[{ name: everything, allow: [all], cache: true }]',
    cache: `{ memory: 8MiB, disk: { path: ${folder}, size: 256MiB } }`,
    log: `{ access: { path: ${folder}/access.log } }`,
  });
  const urlOf = (path: string): string => `http://origin.example:${origin.port}${path}`;
  return { folder, yaml, urlOf, start: () => startWeir(t, yaml) };
}

/** Hashes of the URLs of which something is there. */
function kept(folder: string): ReadonlySet<string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Set(names.flatMap((name) => /([0-9a-f]{32})\.[0-9a-f]{24}\./.exec(name)?.[1] ?? []));
}

/** Changes the last byte of the file of a URL, by its hash. */
function alterEnd(folder: string, hash: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const path = join(folder, names.find((name) => name.includes(`/${hash}.`)) as string);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(path, bytes);
}

/** Asks for all of `paths` as they are kept. @returns which are */
async function served(
  t: Test,
  weir: WeirProcess,
  urls: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const hits: string[] = [];
  for (const [path, url] of urls) {
    const got = await get(weir.port, url, ONLY_KEPT);
    if (got?.status === 200) {
      hits.push(path);
      if (!got.body.equals(bodyOf(path))) t.fail(`${path} is not what was kept`);
    } else if (got?.status !== 504) t.fail(`${path} is answered ${got?.status}`);
  }
  return hits;
}

t.test('a kill loses nothing that has its name, and leaves nothing torn', async (t) => {
  const { folder, urlOf, start } = await stage(t, 1);
  const chance = chanceOf(8);
  const urls = new Map<string, string>();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const weir = await start();
    if (kill === 1) {
      await get(weir.port, urlOf(HUGE));
      await eventually(() => kept(folder).has(urlHash(urlOf(HUGE))), 'the large one');
    }
    let answers = 0;
    const due = kept(folder).size + 30 + chance.below(30);
    const client = async (): Promise<void> => {
      for (;;) {
        const path = `/${urls.size}`;
        urls.set(path, urlOf(path));
        const got = await get(weir.port, urlOf(path));
        if (got === undefined) return;
        answers += 1;
        if (answers % 20 === 0 && kept(folder).size >= due) weir.signal('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    await weir.exited;
  }
  const names = kept(folder);
  t.ok(names.size >= KILLS * 20, `${names.size} are enough to tell`);
  alterEnd(folder, urlHash(urlOf(HUGE)));
  const weir = await start();
  t.equal((await served(t, weir, urls)).length, names.size - 1, 'all that has a name is served');
  await eventually(() => readdirSync(join(folder, 'unfinished')).length === 0, 'what was not finished to go');
  await eventually(
    async () => (await metric(weir, 'weir_cache_objects{store="disk"}')) === names.size,
    'all to be counted',
  );
  const damaged = 'weir_cache_disk_faults_total{fault="damaged"}';
  t.equal(await metric(weir, damaged), 0);

  await using client = await RawClient.connect(weir.port);
  client.send(`GET ${urlOf(HUGE)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const answer = await client.rest();
  t.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  t.match(answer, `Content-Length: ${HUGE_BYTES}\r\n`);
  const body = Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1');
  t.ok(body.length < HUGE_BYTES, 'broken off, where a block is not what was kept');
  t.ok(bodyOf(HUGE).subarray(0, body.length).equals(body), 'and what came is');
  t.equal(await metric(weir, damaged), 1);
  const { err } = await weir.logged('Internal error');
  t.equal((err as Error).message, 'A block of the body is not what was written', 'said once');
  t.same((await get(weir.port, urlOf(HUGE)))?.body, bodyOf(HUGE), 'then it is fetched anew');
});

t.test('with workers a kill of all is the same, and each finds what others have written', async (t) => {
  const { folder, urlOf, start } = await stage(t, 4);
  const urls = new Map(Array.from({ length: 100 }, (_, index) => [`/${index}`, urlOf(`/${index}`)]));
  const first = await start();
  const asking = Promise.all([...urls.values()].map((url) => get(first.port, url)));
  await eventually(() => kept(folder).size >= 40, 'many files');
  for (const pid of [first.pid, ...workersOf(first)]) process.kill(pid, 'SIGKILL');
  await Promise.all([asking, first.exited]);
  const names = kept(folder);
  const weir = await start();
  const all = await onEach(weir, async () => {
    agent.destroy();
    return (await served(t, weir, new Map([...urls].slice(0, 25)))).length;
  });
  t.equal(new Set(all).size, 1, `each finds as much: ${all}`);
  agent.destroy();
  t.equal((await served(t, weir, urls)).length, names.size);

  const url = [...urls.values()].find((each) => names.has(urlHash(each))) as string;
  await using poster = await RawClient.connect(weir.port);
  poster.send(`POST ${url} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
  await poster.head();
  await eventually(() => !kept(folder).has(urlHash(url)), 'it to go, whoever has written it');
});
