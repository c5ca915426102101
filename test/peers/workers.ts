/**
 * One real supervisor with two real workers, and how they end: killed, drained, cut, or left without the supervisor. The
 * death of one is nobody else's.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { folderOf } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { run } from '../fixtures/run.ts';
import { end, isRefused, say, Traffic } from '../fixtures/traffic.ts';
import { keep, metric, readiness } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { isGone, MANY, onEach, startWorkers, statusesOf, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const traffic = await Traffic.to(t);

t.test('a worker that is killed takes its own tunnels with it and no others', async (t) => {
  const weir = await startWorkers(t);
  const [victim = 0] = workersOf(weir);
  const ofEach = await onEach(weir, () => traffic.openTunnels(t, weir, MANY / 2));
  t.same(await statusesOf(traffic, weir), [200]);
  const requests = 'weir_requests_total{listener="main",method="GET",outcome="completed",reason="none"}';
  t.equal(await metric(weir, requests), MANY, 'one scrape counts the requests of both');
  t.equal(await metric(weir, 'weir_tunnels_open{listener="main"}'), MANY, 'and the tunnels');
  process.kill(victim, 'SIGKILL');
  t.equal(await traffic.statusOf(weir), 200, 'nobody is turned away');
  t.match(await weir.logged('Worker died'), { worker: victim, code: null, signal: 'SIGKILL' });
  t.ok(Number((await weir.logged('Worker serves')).worker) !== victim, 'another takes its place');
  const [broken = [], open = []] = ofEach;
  await Promise.all(broken.map((tunnel) => tunnel.rest()));
  t.equal(broken.length, MANY / 2);
  for (const tunnel of open) await say(tunnel, 'still here');
  t.pass('the tunnels of the other carry on');
  t.equal(await metric(weir, 'weir_tunnels_open{listener="main"}'), open.length, 'and are all that is open');
  t.ok((await metric(weir, requests)) >= MANY, 'no counter goes back');
  t.equal(await metric(weir, 'weir_worker_crashes_total'), 1);
  t.same(await statusesOf(traffic, weir), [200], 'it serves as before');
});

t.test('without any worker it is not ready, and who connects waits', async (t) => {
  const weir = await startWorkers(t);
  for (const pid of workersOf(weir)) process.kill(pid, 'SIGKILL');
  await weir.logged('Worker died', 1);
  t.equal(await readiness(weir), 503);
  t.equal(await traffic.statusOf(weir), 200, 'a connection that came in between is served');
  await eventually(async () => (await readiness(weir)) === 200, 'it to be ready again');
  await weir.logged('Worker serves', 1);
  weir.signal('SIGTERM');
  t.same(await weir.exited, { code: 0, signal: null }, 'a crash before is no drain cut short');
});

t.test('TERM while workers start ends them, and then the supervisor', async (t) => {
  const folder = folderOf(t);
  const [file, path] = [join(folder, 'weir.yaml'), join(folder, 'access.fifo')];
  // Nobody reads it, so that no worker gets beyond opening its log.
  await run('mkfifo', [path]);
  writeFileSync(file, yamlOf({ workers: '2', log: `{ access: { path: ${path} } }` }));
  const weir = keep(t, WeirProcess.begin(file));
  await eventually(() => childrenOf(weir.pid).length === 2, 'two workers to be started');
  const workers = childrenOf(weir.pid);
  weir.signal('SIGTERM');
  t.same(await weir.exited, { code: 0, signal: null });
  t.equal(weir.stderr, 'Stopped by SIGTERM before it served\n', 'and it says so, once');
  t.ok(workers.every(isGone), 'no worker is left');
});

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

t.test('TERM drains all workers, and the supervisor stays until they are done', async (t) => {
  const weir = await startWorkers(t);
  const tunnels = await traffic.openTunnels(t, weir, MANY);
  weir.signal('SIGTERM');
  await weir.logged('Draining');
  t.equal(await readiness(weir), 503);
  await eventually(() => isRefused(weir.port), 'new connections to be refused');
  for (const tunnel of tunnels) await say(tunnel, 'still here');
  for (const tunnel of tunnels) await end(tunnel);
  t.same(await weir.exited, { code: 0, signal: null });
  const outcomes = weir.records.filter(({ event }) => event === 'end').map(({ outcome }) => outcome);
  t.same(outcomes, Array(MANY).fill('completed'), 'every tunnel is on record, by one writer');
  t.ok(workersOf(weir).every(isGone));
});

t.test('TERM accepts on for as long as drainDelay says, and a second one waits for nothing', async (t) => {
  const weir = await startWorkers(t, { timeouts: '{ drainDelay: 60s }' });
  const tunnels = await traffic.openTunnels(t, weir, MANY);
  weir.signal('SIGTERM');
  await weir.logged('Draining');
  t.same(await statusesOf(traffic, weir), [200], 'it serves who has not heard of it');
  weir.signal('SIGTERM');
  t.same(await weir.exited, { code: 75, signal: null });
  await Promise.all(tunnels.map((tunnel) => tunnel.rest()));
  const tunnelEnds = weir.records.filter(({ event, method }) => event === 'end' && method === 'CONNECT');
  t.equal(tunnelEnds.length, MANY, 'every tunnel is on record');
  t.ok(tunnelEnds.every(({ outcome }) => outcome === 'drained'));
  t.ok(workersOf(weir).every(isGone));
});

t.test('workers that lose their supervisor accept no more, finish and end', async (t) => {
  const weir = await startWorkers(t);
  const tunnels = await traffic.openTunnels(t, weir, MANY);
  weir.signal('SIGKILL');
  await eventually(() => isRefused(weir.port), 'new connections to be refused');
  for (const tunnel of tunnels) await say(tunnel, 'still here');
  t.notOk(workersOf(weir).some(isGone), 'they stay while they have tunnels');
  for (const tunnel of tunnels) await end(tunnel);
  await eventually(() => workersOf(weir).every(isGone), 'every worker to end');
  t.equal((await weir.exited).signal, 'SIGKILL');
  t.equal(weir.log.filter(({ msg }) => msg === 'Lost the supervisor, draining').length, 2);
});

t.test('a worker without supervisor ends at once when it is told to', async (t) => {
  const weir = await startWorkers(t);
  await traffic.openTunnels(t, weir, MANY);
  for (const pid of workersOf(weir)) process.kill(pid, 'SIGTERM');
  t.same(await statusesOf(traffic, weir), [200], 'with one it leaves signals to it');
  weir.signal('SIGKILL');
  await weir.logged('Lost the supervisor, draining', 1);
  for (const pid of workersOf(weir)) process.kill(pid, 'SIGTERM');
  await eventually(() => workersOf(weir).every(isGone), 'every worker to end');
  t.pass();
});
