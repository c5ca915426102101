import t from 'tap';
import { createLog } from '#record/operational-log.ts';
import { Crew } from '#supervisor/crew.ts';
import type { Orders } from '#supervisor/orders.ts';
import { WorkerFault } from '#supervisor/requests.ts';
import { config as configOf } from '../../fixtures/config.ts';
import { FakeWorker } from '../../fixtures/fake-worker.ts';
import { faultOf, turns } from '../../fixtures/sockets.ts';
import { eventually } from '../../fixtures/within.ts';

const QUIET = createLog({ level: 'silent', name: 'test' });

interface Stage {
  readonly crew: Crew<FakeWorker>;
  /** Every worker that was ever made. */
  readonly workers: readonly FakeWorker[];
  /** Told of those that are made from now on, before they start. */
  prepare(how: (worker: FakeWorker) => void): void;
  readonly gone: readonly number[];
  readonly crashes: () => number;
}

async function ordersOf(...lines: readonly string[]): Promise<Orders> {
  return { config: await configOf(...lines), sockets: new Map() };
}

async function stageOf(count = 2): Promise<Stage> {
  const workers: FakeWorker[] = [];
  const gone: number[] = [];
  let crashes = 0;
  let prepare = (_worker: FakeWorker): void => {};
  const crew = new Crew<FakeWorker>(
    {
      count,
      log: QUIET,
      fork() {
        const worker = new FakeWorker(workers.length);
        workers.push(worker);
        prepare(worker);
        return worker;
      },
      beginning: () => ({
        instance: 'a',
        ticketSecret: 's',
        adminPort: 9128,
        seat: { index: 0, count: 1 },
        peers: [],
        pods: undefined,
        namespaces: undefined,
      }),
      onGone: ({ pid }) => void gone.push(pid),
      onCrash: () => {
        crashes += 1;
      },
    },
    await ordersOf(),
  );
  return {
    crew,
    workers,
    gone,
    crashes: () => crashes,
    prepare(how) {
      prepare = how;
    },
  };
}

const pidsOf = ({ crew }: Stage): number[] => crew.serving.map(({ pid }) => pid);

/** Waits until so many workers were made, which may not have started. */
const untilMade = ({ workers }: Stage, count: number): Promise<void> =>
  eventually(() => workers.length === count, `worker ${count} to be made`);

const untilServing = (stage: Stage, pids: readonly number[]): Promise<void> =>
  eventually(() => pidsOf(stage).join() === pids.join(), `workers ${pids} to serve`);

t.test('Crew starts as many as it should, or none', async (t) => {
  const stage = await stageOf(3);
  await stage.crew.start();
  t.same(pidsOf(stage), [0, 1, 2]);
  const failing = await stageOf(2);
  failing.prepare((worker) => {
    if (worker.pid === 1) worker.onStart = () => Promise.reject(new Error('No'));
  });
  t.match(await faultOf(failing.crew.start()), { message: 'No' });
  await turns();
  t.same(failing.crew.all, [], 'the other has ended as well');
  t.equal(failing.workers.length, 2, 'and is not replaced');
});

t.test('Crew replaces one that died, and counts it', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  stage.workers[0]?.ends(1);
  await untilServing(stage, [1, 2]);
  t.same([stage.gone, stage.crashes()], [[0], 1]);
});

t.test('Crew tries again where a replacement cannot start', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  stage.prepare((worker) => {
    if (worker.pid === 2) worker.onStart = () => Promise.reject(new Error('Not yet'));
  });
  stage.workers[0]?.ends(1);
  await untilServing(stage, [1, 3]);
  t.equal(stage.crashes(), 1, 'what never served has not crashed');
});

t.test('Crew has all adopt, or none where the first cannot', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  const [first, second] = stage.workers as [FakeWorker, FakeWorker];
  const before = stage.crew.orders;
  const next = await ordersOf('log: { level: warn }');
  first.onAdopt = () =>
    Promise.reject(new WorkerFault({ message: 'No', code: undefined, exitCode: undefined }));
  t.match(await faultOf(stage.crew.adopt(next)), { message: 'No' });
  t.same([stage.crew.orders, second.config], [before, before.config], 'the second never heard of it');
  first.onAdopt = async () => {};
  await stage.crew.adopt(next);
  t.same([first.config, second.config], [next.config, next.config]);
  t.same(pidsOf(stage), [0, 1]);
});

const LOST = (): Promise<never> => Promise.reject(new Error('It does not answer'));

t.test('Crew ends one that does not follow at once, and another takes its place', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  const [, second] = stage.workers as [FakeWorker, FakeWorker];
  const next = await ordersOf('log: { level: warn }');
  second.onAdopt = LOST;
  await stage.crew.adopt(next);
  t.same([pidsOf(stage), second.told], [[0], ['end']], 'nothing is judged by its policy any more');
  await untilServing(stage, [0, 2]);
  t.equal(stage.workers[2]?.config, next.config);
  second.ends(75);
  await turns();
  t.same([stage.crashes(), stage.workers.length], [0, 3], 'it was told to');
});

t.test('Crew has a second one try orders over which the first is lost', async (t) => {
  const stage = await stageOf(3);
  await stage.crew.start();
  const [first] = stage.workers as [FakeWorker];
  const next = await ordersOf('log: { level: warn }');
  first.onAdopt = LOST;
  await stage.crew.adopt(next);
  await untilServing(stage, [1, 2, 3]);
  t.same(first.told, ['end']);
  t.ok(stage.crew.serving.every(({ config }) => config === next.config));
});

t.test('Crew gives orders up over which two are lost', async (t) => {
  const stage = await stageOf(3);
  await stage.crew.start();
  const before = stage.crew.orders;
  const [first, second, third] = stage.workers as [FakeWorker, FakeWorker, FakeWorker];
  for (const worker of [first, second, third]) worker.onAdopt = LOST;
  t.match(await faultOf(stage.crew.adopt(await ordersOf('log: { level: warn }'))), {
    message: 'It does not answer',
  });
  t.same([first.told, second.told, third.told], [['end'], ['end'], []]);
  await untilServing(stage, [2, 3, 4]);
  t.ok(
    stage.crew.serving.every(({ config }) => config === before.config),
    'all serve as before',
  );
});

t.test('Crew whose worker dies over a reload has one in its place, not two', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  const [first] = stage.workers as [FakeWorker];
  first.onAdopt = () => {
    first.ends(null, 'SIGKILL');
    return first.exited.then(LOST);
  };
  const next = await ordersOf('log: { level: warn }');
  await stage.crew.adopt(next);
  await untilServing(stage, [1, 2]);
  await turns();
  t.same([stage.workers.length, stage.crashes()], [3, 1]);
});

t.test('Crew without any worker has other orders for those that start', async (t) => {
  const stage = await stageOf(1);
  await stage.crew.start();
  const starting = Promise.withResolvers<void>();
  stage.prepare((worker) => {
    worker.onStart = () => starting.promise;
  });
  stage.workers[0]?.ends(1);
  await untilMade(stage, 2);
  const next = await ordersOf('log: { level: warn }');
  await stage.crew.adopt(next);
  starting.resolve();
  await untilServing(stage, [1]);
  t.equal(stage.workers[1]?.config, next.config);
});

t.test('Crew has one that starts during a reload catch up before it serves', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  const starting = Promise.withResolvers<void>();
  stage.prepare((worker) => {
    worker.onStart = () => starting.promise;
  });
  stage.workers[0]?.ends(1);
  await untilMade(stage, 3);
  const next = await ordersOf('log: { level: warn }');
  await stage.crew.adopt(next);
  t.same(pidsOf(stage), [1]);
  starting.resolve();
  await untilServing(stage, [1, 2]);
  t.equal(stage.workers[2]?.config, next.config);
});

t.test('Crew has one that began to serve while the first adopted adopt as well', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  const [starting, adopting] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  stage.prepare((worker) => {
    worker.onStart = () => starting.promise;
  });
  stage.workers[0]?.ends(1);
  await untilMade(stage, 3);
  (stage.workers[1] as FakeWorker).onAdopt = () => adopting.promise;
  const next = await ordersOf('log: { level: warn }');
  const adopted = stage.crew.adopt(next);
  starting.resolve();
  await untilServing(stage, [1, 2]);
  adopting.resolve();
  await adopted;
  t.same(
    stage.crew.serving.map(({ config }) => config),
    [next.config, next.config],
  );
});

t.test('Crew that was told to end at once before it stopped was not whole', async (t) => {
  const stage = await stageOf(1);
  await stage.crew.start();
  stage.crew.endAtOnce();
  stage.workers[0]?.ends(0);
  await turns();
  t.same([stage.crew.all, stage.workers.length], [[], 1], 'nobody takes its place');
  t.notOk(await stage.crew.stop());
});

t.test('Crew that is to end while it starts kills who only starts, and lets the others end', async (t) => {
  const stage = await stageOf();
  stage.prepare((worker) => {
    if (worker.pid === 1) worker.onStart = () => worker.exited.then(() => Promise.reject(new Error('Ended')));
  });
  const starting = faultOf(stage.crew.start());
  await turns();
  stage.crew.endAtOnce();
  t.match(await starting, { message: 'Ended' });
  const [first, second] = stage.workers as [FakeWorker, FakeWorker];
  t.same(first.told, ['end'], 'it may have begun transactions');
  t.ok(second.told.every((told) => told === 'kill'));
  first.ends(0);
  await turns();
  t.same(stage.crew.all, []);
  await stage.crew.start();
  t.equal(stage.workers.length, 2, 'and starts nobody any more');
});

t.test('Crew that stops drains who serves, kills who only starts, and replaces nobody', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  stage.prepare((worker) => {
    worker.onStart = () => new Promise(() => {});
  });
  stage.workers[0]?.ends(1);
  await untilMade(stage, 3);
  const stopped = stage.crew.stop();
  t.same(stage.workers[2]?.told, ['kill']);
  t.same(stage.workers[1]?.told, ['drain']);
  stage.workers[1]?.ends(0);
  t.ok(await stopped, 'it was whole: the one that died was none of the drain');
  await turns();
  t.equal(stage.workers.length, 3);
});

t.test('Crew was not whole where a worker cut something or died while it drained', async (t) => {
  for (const [code, signal] of [
    [75, null],
    [null, 'SIGKILL'],
  ] as const) {
    const stage = await stageOf();
    await stage.crew.start();
    const stopped = stage.crew.stop();
    stage.workers[0]?.ends(0);
    stage.workers[1]?.ends(code, signal);
    t.notOk(await stopped, `${code} ${signal}`);
  }
});

t.test('Crew leaves its workers to finish by themselves, and replaces none of them', async (t) => {
  const stage = await stageOf();
  await stage.crew.start();
  await stage.crew.leave();
  const told = stage.workers.map((worker) => worker.told);
  t.same(new Set(told.flat()), new Set(['leave']));
  stage.workers[0]?.ends(null, 'SIGKILL');
  await turns();
  t.equal(stage.workers.length, told.length);
});

t.test('Crew kills who does not end in the time that transactions have', async (t) => {
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const stage = await stageOf(1);
  await stage.crew.start();
  const stopped = stage.crew.stop();
  t.clock.advance(900_000 + 9_999);
  t.same(stage.workers[0]?.told, ['drain']);
  stage.crew.endAtOnce();
  t.same(stage.workers[0]?.told, ['drain', 'end']);
  t.clock.advance(9_999);
  t.same(stage.workers[0]?.told.at(-1), 'end', 'it has a little more time to end');
  t.clock.advance(1);
  t.equal(stage.workers[0]?.told.at(-1), 'kill');
  t.notOk(await stopped);
});
