/** The one audit trail of a host with workers: what all of them permit is on it before it is dialled, whatever becomes of a worker. */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { verifyFiles } from '#audit/verify-files.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { MANY, onEach, reload, startWorkers, statusesOf, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

// Attacks: no-unrecorded.
t.test('what workers permit is on one trail before it is dialled', async (t) => {
  const path = join(folderOf(t), 'audit.log');
  const allowed = (): number =>
    [`${path}.1`, path].reduce((sum, file) => {
      try {
        return sum + (readFileSync(file, 'utf8').match(/"verdict":"allow"/g)?.length ?? 0);
      } catch {
        return sum;
      }
    }, 0);
  let reached = 0;
  let isAhead = false;
  const origin = owned(
    t,
    await httpOrigin((_request, response) => {
      reached += 1;
      isAhead ||= reached > allowed();
      response.end('hello');
    }),
  );
  const keys = { log: `{ audit: { path: ${path}, strict: true } }` };
  const weir = await startWorkers(t, keys);
  const traffic = Object.assign(await Traffic.to(t), { webPort: origin.port });
  t.same(await onEach(weir, () => traffic.statusOf(weir)), [200, 200], 'each worker');
  t.same(await statusesOf(traffic, weir), [200]);
  renameSync(path, `${path}.1`);
  weir.signal('SIGUSR2');
  await weir.logged('Log files reopened');
  const [victim = 0] = workersOf(weir);
  process.kill(victim, 'SIGKILL');
  await weir.logged('Worker serves');
  t.same(await statusesOf(traffic, weir), [200]);
  await reload(weir, { ...keys, access: '[{ name: nobody, deny: [all] }]' });
  t.same(await statusesOf(traffic, weir), [403]);
  weir.signal('SIGTERM');
  await weir.exited;
  t.equal(isAhead, false, 'no origin was reached before its record was there');
  t.ok(reached >= 2 * MANY && allowed() === reached);
  t.match(await verifyFiles([path, `${path}.1`]), { finding: undefined, first: 1, gaps: [] });
  const text = readFileSync(path, 'utf8');
  t.equal(text.match(/"verdict":"deny"/g)?.length, MANY);
  t.ok(text.includes('"event":"policy"'));
});
