/** A disk of the cache that hangs while a client is to be given something from it: it is as one on which nothing is. */
import t from 'tap';
import type { BodyOnDisk } from '#cache/body-on-disk.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { fresh } from '../fixtures/cache-disk.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

const HOUR_MS = 3_600_000;
const never = new Promise<never>(() => {});
const HUNG: BodyOnDisk = {
  length: 5,
  checksums: Buffer.alloc(4),
  open: () => never,
  openToCopy: () => never,
};

const asked: string[] = [];
const origin = owned(
  t,
  await httpOrigin((request, response) => {
    asked.push(request.url as string);
    if (request.url === '/broken') response.destroy();
    else response.writeHead(200, { 'Cache-Control': 'max-age=3600' }).end('fresh');
  }),
);
const proxy = owned(
  t,
  await startProxy(
    yamlOf({
      access: '[{ name: everything, allow: [all], cache: true }]',
      cache: `{ disk: { path: ${folderOf(t)}, size: 64MiB } }`,
    }),
  ),
);
const { backed } = proxy.proxy.context.cache;
if (backed === undefined) throw new Error('There is no disk');

/** Has all be kept on disk since so long ago. */
function keepSince(ageMs: number): void {
  const answerMs = Date.now() - ageMs;
  (backed as NonNullable<typeof backed>).seek = async (url, partition) => ({
    entry: { ...fresh({ url, partition, requestMs: answerMs, answerMs }), body: HUNG },
    hasOthers: false,
  });
}

async function get(path: string) {
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://origin.example:${origin.port}${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return await readAnswer(client);
}

t.test('where it is fresh the next hop is asked', async (t) => {
  keepSince(0);
  t.match(await get('/good'), { status: 200, body: 'fresh', fields: { 'cache-status': /^t;fwd=uri-miss/ } });
  t.same(asked.splice(0), ['/good']);
});

t.test(
  'where it is over its time and the next hop does not answer, the client is told of that',
  async (t) => {
    keepSince(2 * HOUR_MS);
    t.equal((await get('/broken')).status, 502);
    t.same([...new Set(asked.splice(0))], ['/broken']);
  },
);
