/** A disk of the cache that hangs while a client is to be given something from it: it is as one on which nothing is. */
import fs from 'node:fs/promises';
import t from 'tap';
import type { DiskCalls } from '#cache/disk-calls.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { callsOf } from '../fixtures/cache-disk.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

/** Too large to be taken into memory. */
const BODY = Buffer.alloc(1024 * 1024 + 1, 'b');
const HOUR_MS = 3_600_000;
const never = new Promise<never>(() => {});

const asked: string[] = [];
let isBroken = false;
const origin = owned(
  t,
  await httpOrigin((request, response) => {
    asked.push(request.url as string);
    const ageMs = request.url === '/stale' ? 2 * HOUR_MS : 0;
    const date = new Date(Date.now() - ageMs).toUTCString();
    if (isBroken) response.destroy();
    else response.writeHead(200, { 'Cache-Control': 'max-age=3600', Date: date }).end(BODY);
  }),
);
const folder = folderOf(t);

function start(calls: DiskCalls): Promise<TestProxy> {
  const yaml = yamlOf({
    access: '[{ name: everything, allow: [all], cache: true }]',
    cache: `{ disk: { path: ${folder}, size: 64MiB } }`,
  });
  return startProxy(yaml, { diskTools: { calls } });
}

async function get({ port }: TestProxy, path: string) {
  await using client = await RawClient.connect(port);
  client.send(`GET http://origin.example:${origin.port}${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return await readAnswer(client);
}

{
  await using before = await start(callsOf());
  for (const path of ['/fresh', '/stale']) await get(before, path);
  asked.length = 0;
}

/** A disk that gives each file once, for its head, and then hangs. */
const opened = new Set<string>();
const proxy = owned(
  t,
  await start({
    ...callsOf(),
    open: (path, ...how) => {
      if (opened.has(path)) return never;
      opened.add(path);
      return fs.open(path, ...how);
    },
  }),
);
const { backed } = proxy.proxy.context.cache;
await backed?.disk.scanned;
const slow = (): number | undefined => backed?.disk.faults.get('slow');

t.test('where it is fresh the next hop is asked', async (t) => {
  const { status, body, fields } = await get(proxy, '/fresh');
  t.match([status, body.length, fields['cache-status']], [200, BODY.length, /^t;fwd=uri-miss/]);
  t.same([asked.splice(0), slow()], [['/fresh'], 1]);
});

t.test(
  'where it is over its time and the next hop does not answer, the client is told of that',
  async (t) => {
    isBroken = true;
    t.equal((await get(proxy, '/stale')).status, 502);
    t.same([[...new Set(asked)], slow()], [['/stale'], 2]);
  },
);
