/**
 * What flow/cache.ts shows of one process, by four workers: each test by one of them while the others stand still, since who waits for a
 * fetch of another is a matter of each process. Where all of them serve, the same is fetched once by each at most.
 */
import type { ServerResponse } from 'node:http';
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { KEEPING, keepBy } from '../fixtures/cache-stage.ts';
import { RawClient } from '../fixtures/client.ts';
import { Crews } from '../fixtures/crews.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { MANY } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const crews = new Crews(t);
keepBy((keys) => crews.keepAlone(keys));
await import('../flow/cache.ts');

t.test(
  'what many ask for at once is fetched once by each worker at most, and all have it whole',
  async (t) => {
    const fetches: ServerResponse[] = [];
    await using origin = await httpOrigin((_, response) => {
      fetches.push(response);
      response.writeHead(200, { 'Cache-Control': 'max-age=3600', 'Content-Length': '10' }).write('01234');
    });
    await using proxy = await crews.serve(KEEPING);
    await using stack = new AsyncDisposableStack();
    const come = async (): Promise<RawClient> => {
      const client = stack.use(await RawClient.connect(proxy.port));
      client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      return client;
    };
    const clients = await Promise.all(Array.from({ length: MANY }, come));
    for (const client of clients) client.putBack(await client.until((text) => text.endsWith('01234')));
    t.ok(
      fetches.length > 0 && fetches.length <= proxy.workers,
      `${fetches.length} fetches for ${MANY} clients`,
    );
    for (const response of fetches) response.end('56789');
    const answers = await Promise.all(clients.map((client) => readAnswer(client)));
    t.same(new Set(answers.map(({ body }) => body)), new Set(['0123456789']));
    const joined = answers.filter(({ fields }) => fields['cache-status']?.includes(';collapsed'));
    t.equal(joined.length, MANY - fetches.length, 'all others have waited for one of these');
  },
);
