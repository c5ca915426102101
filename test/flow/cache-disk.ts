/** The cache on disk through a whole proxy: what outlives it, what does not, and that nothing is used which is not as it was written. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type http from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { stateOf } from '#proxy/state-of.ts';
import { type Answer, readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { eventually } from '../fixtures/within.ts';

const BIG = randomBytes(3 * 1024 * 1024);
const ACCESS = '[{ name: everything, allow: [all], cache: true }]';

/** What the origin says, by path. */
const ANSWERS: Readonly<
  Record<string, (request: http.IncomingMessage, response: http.ServerResponse) => void>
> = {
  '/plain': (_request, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=3600' }).end('plain');
  },
  '/varied': (request, response) => {
    const fields = { 'Cache-Control': 'max-age=3600', Vary: 'Accept, X-Other' };
    response.writeHead(200, fields).end(request.headers.accept);
  },
  '/stale': (request, response) => {
    const past = new Date(Date.now() - 120_000).toUTCString();
    const isSame = request.headers['if-none-match'] === '"a"';
    const fields = {
      'Cache-Control': 'max-age=60',
      ETag: '"a"',
      Date: isSame ? new Date().toUTCString() : past,
    };
    response.writeHead(isSame ? 304 : 200, fields).end(isSame ? undefined : 'stale');
  },
  '/big': (request, response) => {
    const isSame = request.headers['if-none-match'] === '"big"';
    response.writeHead(isSame ? 304 : 200, { 'Cache-Control': 'max-age=3600', ETag: '"big"' });
    response.end(isSame ? undefined : BIG);
  },
};

interface Stage {
  /** What was asked of the origin since the last look. */
  asked(): readonly string[];
  readonly folder: string;
  readonly proxy: TestProxy;
  /** Ends the proxy, and starts another with the same disk. */
  restart(keys?: Readonly<Record<string, string>>): Promise<void>;
  get(path: string, fields?: string, method?: string): Promise<Answer>;
}

async function stage(t: Test): Promise<Stage> {
  const folder = folderOf(t);
  let asked: string[] = [];
  const origin = owned(
    t,
    await httpOrigin((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const answer = ANSWERS[request.url ?? ''];
      if (request.method === 'POST' || answer === undefined) response.end('done');
      else answer(request, response);
    }),
  );
  const start = (keys: Readonly<Record<string, string>> = {}): Promise<TestProxy> =>
    startProxy(yamlOf({ access: ACCESS, cache: `{ disk: { path: ${folder}, size: 64MiB } }`, ...keys }), {
      // A machine that has much to do makes no hit a miss.
      diskTools: { maxWaitMs: 60_000 },
    });
  let proxy = await start();
  t.teardown(() => proxy[Symbol.asyncDispose]());
  return {
    folder,
    get proxy() {
      return proxy;
    },
    asked() {
      const past = asked;
      asked = [];
      return past;
    },
    async restart(keys) {
      await proxy[Symbol.asyncDispose]();
      proxy = await start(keys);
    },
    async get(path, fields = '', method = 'GET') {
      await using client = await RawClient.connect(proxy.port);
      const length = method === 'POST' ? 'Content-Length: 0\r\n' : '';
      client.send(
        `${method} http://origin.example:${origin.port}${path} HTTP/1.1\r\nHost: x\r\n${length}${fields}\r\n`,
      );
      return await readAnswer(client, { bodyless: method === 'HEAD' });
    },
  };
}

const word = ({ fields }: Answer): string => fields['cache-status']?.replace(/ttl=-?\d+/, 'ttl=n') ?? '';

/** Files of answers. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.[0-9a-f]{24}\./.test(name),
  );
}

/** Changes one byte, counted from the end, of each file. */
function alter(folder: string, fromEnd: number): void {
  for (const name of filesIn(folder)) {
    const bytes = readFileSync(join(folder, name));
    if (bytes.length < fromEnd) continue;
    bytes.writeUInt8(bytes.readUInt8(bytes.length - fromEnd) ^ 1, bytes.length - fromEnd);
    writeFileSync(join(folder, name), bytes);
  }
}

t.test('what is kept outlives the process, under the same rules', async (t) => {
  const { asked, folder, get, restart } = await stage(t);
  for (const path of ['/plain', '/stale', '/big']) await get(path);
  await get('/varied', 'Accept: a\r\n');
  await restart();
  t.equal(filesIn(folder).length, 4);
  asked();

  const plain = await get('/plain');
  t.same([plain.body, word(plain)], ['plain', 't;hit;ttl=n']);
  t.same(word(await get('/plain')), 't;hit;ttl=n', 'from memory again');
  const same = await get('/varied', 'Accept: a\r\n');
  t.same([same.body, word(same)], ['a', 't;hit;ttl=n']);
  const other = await get('/varied', 'Accept: b\r\n');
  t.same([other.body, word(other)], ['b', 't;fwd=vary-miss;ttl=n;stored']);
  t.same(asked(), ['GET /varied']);
  const stale = await get('/stale');
  t.same([stale.body, word(stale)], ['stale', 't;fwd=stale;fwd-status=304;ttl=n']);
  await restart();
  t.same(word(await get('/stale')), 't;hit;ttl=n', 'what was confirmed is');
  t.same(word(await get('/varied', 'Accept: b\r\n')), 't;hit;ttl=n');
  t.same(word(await get('/none', 'Cache-Control: only-if-cached\r\n')), 't;detail=not_cached');

  await restart({ access: '[{ name: another, allow: [all], cache: true }]' });
  t.same(
    word(await get('/plain')),
    't;fwd=uri-miss;ttl=n;stored',
    'what is of another rule is not for this one',
  );
  await restart({ access: '[{ name: nobody, deny: [all] }]' });
  t.equal((await get('/plain')).status, 403, 'nor is it for whom nothing is allowed');
});

t.test('what is large is read as the client takes it: all, a part, or the head alone', async (t) => {
  const world = await stage(t);
  const { asked, get, restart } = world;
  await get('/big');
  await restart();
  asked();
  const whole = await get('/big');
  t.ok(BIG.equals(Buffer.from(whole.body, 'latin1')));
  t.equal(word(whole), 't;hit;ttl=n');
  const part = await get('/big', 'Range: bytes=1000000-2000000\r\n');
  t.equal(part.status, 206);
  t.ok(BIG.subarray(1_000_000, 2_000_001).equals(Buffer.from(part.body, 'latin1')));
  t.equal((await get('/big', 'If-None-Match: "big"\r\n')).status, 304);
  t.equal((await get('/big', '', 'HEAD')).fields['content-length'], String(BIG.length));
  t.same(asked(), []);
  const { cache } = world.proxy.proxy.context;
  await eventually(() => cache.store.bytes === 0, 'the file to be closed, since nothing of it is in memory');
  const confirmed = await get('/big', 'Cache-Control: no-cache\r\n');
  t.same([confirmed.body.length, word(confirmed)], [BIG.length, 't;fwd=request;fwd-status=304;ttl=n']);
  await restart();
  t.ok(BIG.equals(Buffer.from((await get('/big')).body, 'latin1')), 'as it was, with its new head');
  t.same(asked(), ['GET /big']);
});

t.test('where clients hold all of the memory, a hit on disk is a miss, and no error', async (t) => {
  const world = await stage(t);
  const { asked, get, restart } = world;
  await get('/big');
  await restart();
  asked();
  const { context } = world.proxy.proxy;
  const { store, backed } = context.cache;
  t.ok(store.reserve(64 * 1024 * 1024));
  const missed = await get('/big');
  t.same([missed.body.length, word(missed).startsWith('t;fwd=uri-miss')], [BIG.length, true]);
  t.same(asked(), ['GET /big']);
  t.equal(backed?.refusals, 1);
  const { cacheFaults } = stateOf(context, { countsLimits: false, limitStores: () => [] });
  t.equal(new Map(cacheFaults?.()).get('crowded'), 1);
  store.release(64 * 1024 * 1024);
  t.equal(word(await get('/big')), 't;hit;ttl=n');
});

t.test('what was changed at the origin is on disk no more', async (t) => {
  const { folder, get, restart } = await stage(t);
  await get('/plain');
  await get('/varied', 'Accept: a\r\n');
  await restart();
  await get('/plain', '', 'POST');
  t.equal(word(await get('/plain', 'Cache-Control: only-if-cached\r\n')), 't;detail=not_cached', 'at once');
  await restart();
  t.equal(filesIn(folder).length, 1);
  t.equal((await get('/plain', 'Cache-Control: only-if-cached\r\n')).status, 504);
  t.equal(word(await get('/varied', 'Accept: a\r\n')), 't;hit;ttl=n');
});

t.test('what was altered is no answer', async (t) => {
  const { asked, folder, get, restart } = await stage(t);
  await get('/plain');
  await restart();
  alter(folder, 1);
  asked();
  const answer = await get('/plain');
  t.same([answer.body, word(answer)], ['plain', 't;fwd=uri-miss;ttl=n;stored']);
  t.same(asked(), ['GET /plain']);
  await restart();
  t.equal(word(await get('/plain')), 't;hit;ttl=n', 'it is written anew');
  await get('/big');
  await restart();
  alter(folder, BIG.length);
  const big = await get('/big');
  t.same([big.body.length, word(big)], [BIG.length, 't;fwd=uri-miss;ttl=n;stored'], 'nor is its first block');
});

t.test('where nothing can be written all is as without a disk', async (t) => {
  const { folder, get, proxy } = await stage(t);
  await proxy.proxy.context.cache.backed?.disk.scanned;
  writeFileSync(join(folder, 'unfinished'), 'in the way');
  t.equal((await get('/plain')).body, 'plain');
  await eventually(() => proxy.proxy.context.cache.backed?.disk.faults.get('write') === 1, 'the fault');
  t.equal(word(await get('/plain')), 't;hit;ttl=n', 'from memory');
  t.same(filesIn(folder), []);
});
