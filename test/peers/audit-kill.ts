/**
 * Weir is killed again and again while it writes: the chain holds through all of it, and nothing that came through is missing on the
 * trail. `WEIR_TEST_KILLS=20` kills more often than CI has time for.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { verifyFiles } from '#audit/verify-files.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { startWeir } from '../fixtures/weir.ts';

t.setTimeout(180_000);

const KILLS = Number(process.env.WEIR_TEST_KILLS ?? 3);
const CLIENTS = 16;

// Attacks: no-unrecorded.
t.test('nothing that came through is missing on a strict trail, whenever Weir is killed', async (t) => {
  const path = join(folderOf(t), 'audit.log');
  const reached: string[] = [];
  let onReached = (): void => {};
  const origin = owned(
    t,
    await httpOrigin((request, response) => {
      reached.push(request.url ?? '');
      onReached();
      response.end('hello');
    }),
  );
  const yaml = yamlOf({ log: `{ audit: { path: ${path}, strict: true } }` });
  let asked = 0;
  const client = async (port: number): Promise<void> => {
    for (;;) {
      asked += 1;
      await using client = await RawClient.connect(port);
      client.send(`GET http://origin.example:${origin.port}/${asked}- HTTP/1.1\r\nHost: x\r\n\r\n`);
      await client.head();
    }
  };
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const weir = await startWeir(t, yaml);
    const before = reached.length;
    const isDue = (): boolean => reached.length >= before + 100 + kill * 7;
    onReached = () => {
      if (isDue()) weir.signal('SIGKILL');
    };
    await Promise.allSettled(Array.from({ length: CLIENTS }, () => client(weir.port)));
    await weir.exited;
  }
  t.ok(reached.length > KILLS * 100);
  await using weir = await startWeir(t, yaml);
  weir.signal('SIGTERM');
  await weir.exited;
  const text = readFileSync(path, 'utf8');
  t.same(
    reached.filter((url) => !text.includes(`${url}"`)),
    [],
    'all are on it',
  );
  const found = await verifyFiles([path]);
  t.match(found, { finding: undefined, first: 1 });
  t.equal(found.gaps.filter(({ lost }) => lost > 0).length, 0, 'no record is lost');
  t.equal(text.match(/"event":"start"/g)?.length, KILLS + 1);
});
