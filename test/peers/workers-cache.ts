/** One real supervisor with four real workers, each with a cache of its own: what changes for one is of no use to any. */
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { weir as command, metric } from '../fixtures/weir.ts';
import { onEach, startWorkers } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const socket = join(folderOf(t), 'run', 'cache.sock');
const KEYS = {
  workers: '4',
  acls: '{ posts: { methods: [POST] } }',
  access: '[{ name: changes, allow: [posts] }, { name: reads, allow: [all], cache: true }]',
  cache: `{ socket: ${socket} }`,
};

let version = 1;
let fetches = 0;
const origin = owned(
  t,
  await httpOrigin((request, response) => {
    if (request.method === 'POST') change(response);
    else {
      fetches += 1;
      response.setHeader('Cache-Control', 'max-age=3600').end(`version ${version}`);
    }
  }),
);

function change(response: ServerResponse): void {
  version += 1;
  response.setHeader('Location', '/named').end('changed');
}

const weir = await startWorkers(t, KEYS);

/** What the client gets, and what the cache did. */
async function ask(path: string, method = 'GET'): Promise<string> {
  await using client = await RawClient.connect(weir.port);
  const head = `${method} http://origin.example:${origin.port}${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`;
  client.send(method === 'GET' ? head.replace('Content-Length: 0\r\n', '') : head);
  const { body, fields } = await readAnswer(client);
  return `${body}, ${fields['cache-status']?.split(';')[1]}`;
}

/**
 * What was sent before is heard by all. With one scrape the supervisor has heard it, as who said it answers behind it; the questions of
 * the next go to the others behind what it has told them.
 */
async function allHeard(): Promise<void> {
  for (let scrape = 0; scrape < 2; scrape += 1) await metric(weir, 'weir_connections_open');
}

t.test(
  'what an unsafe request changes by one worker is kept by none, whichever rule it went by',
  async (t) => {
    for (const path of ['/own', '/named', '/other']) {
      t.same(await onEach(weir, () => ask(path)), Array(4).fill('version 1, fwd=uri-miss'));
      t.same(await onEach(weir, () => ask(path)), Array(4).fill('version 1, hit'));
    }
    t.equal(fetches, 12);
    t.equal(await ask('/own', 'POST'), 'changed, undefined');
    await allHeard();
    t.same(await onEach(weir, () => ask('/own')), Array(4).fill('version 2, fwd=uri-miss'));
    t.same(await onEach(weir, () => ask('/named')), Array(4).fill('version 2, fwd=uri-miss'), 'Location');
    t.same(await onEach(weir, () => ask('/other')), Array(4).fill('version 1, hit'), 'nothing else');
  },
);

t.test('a purge of a host is done by each, and each tells when', async (t) => {
  await onEach(weir, () => ask('/purged'));
  await weir.logged('Listening for weir cache');
  const purged = await command('cache', 'purge', 'origin.example', '--socket', socket);
  t.match(purged, { status: 0, stdout: /^Purged all of origin\.example: \d+ answers of 4 processes\n$/ });
  const url = `http://origin.example:${origin.port}/purged`;
  const why = await command('cache', 'why', url, '--socket', socket, '--json');
  const { complete, processes } = JSON.parse(why.stdout);
  t.equal(complete, true);
  t.match(processes, Array(4).fill({ kept: [], hostPurge: { host: 'origin.example', atMs: Number } }));
});
