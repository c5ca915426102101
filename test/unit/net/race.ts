import type net from 'node:net';
import t, { type Test } from 'tap';
import type { UpstreamLeg } from '#net/opening.ts';
import { type Dial, openAny } from '#net/race.ts';
import { freePort } from '../../../scripts/lib/ports.ts';
import { type BlackHole, blackHole } from '../../fixtures/black-hole.ts';
import { rawOrigin } from '../../fixtures/origin.ts';
import { closedPort, dialTools, until } from '../../fixtures/sockets.ts';

/** To port 9 of which nobody can connect. */
const NO_PATH = '255.255.255.255';

interface Outcome {
  readonly leg?: UpstreamLeg;
  readonly error?: NodeJS.ErrnoException;
  /** That the outcome is about. */
  readonly address: string;
}

interface Started {
  readonly tools: ReturnType<typeof dialTools>;
  readonly dial: Dial;
  readonly dialled: readonly string[];
  readonly outcomes: readonly Outcome[];
  outcome(): Promise<Outcome>;
}

function start(port: number, addresses: readonly string[], timeoutMs = 1_000): Started {
  const [address = '', ...others] = addresses;
  const tools = dialTools();
  const dialled: string[] = [];
  const outcomes: Outcome[] = [];
  const target = { address, others, port, timeoutMs };
  const dial = openAny(tools, target, {
    onDial: (address) => dialled.push(address),
    onOpened: (leg, { target }) => outcomes.push({ leg, address: target.address }),
    onFailed: (error, { target }) => outcomes.push({ error, address: target.address }),
  });
  const outcome = async (): Promise<Outcome> => {
    await until(() => outcomes.length > 0);
    return outcomes[0] as Outcome;
  };
  return { tools, dial, dialled, outcomes, outcome };
}

/** Asserts that `address` won, and that nobody else is left. */
async function assertWon(t: Test, started: Started, address: string): Promise<void> {
  const { tools, outcomes } = started;
  const { leg, address: winner } = await started.outcome();
  t.equal(winner, address);
  await until(() => tools.ledger.open('upstream') === 1);
  t.equal(tools.wheel.size, 0);
  leg?.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
  t.equal(outcomes.length, 1);
}

async function assertLost(t: Test, { tools, outcomes }: Started): Promise<void> {
  await until(() => outcomes.length > 0 && tools.ledger.open('upstream') === 0);
  t.equal(outcomes.length, 1);
  t.equal(tools.wheel.size, 0);
}

let hole: BlackHole;
t.before(async () => {
  hole = await blackHole();
});
t.teardown(() => hole[Symbol.asyncDispose]());

t.test('openAny() dials the only address, and tells how that went', async (t) => {
  await using origin = await rawOrigin();
  const good = start(origin.port, ['127.0.0.1']);
  t.same(good.dialled, ['127.0.0.1']);
  await assertWon(t, good, '127.0.0.1');
  const bad = start(await closedPort(), ['127.0.0.1']);
  t.match(await bad.outcome(), { error: { code: 'ECONNREFUSED' }, address: '127.0.0.1' });
  await assertLost(t, bad);
});

t.test('openAny() dials no second address where the first connects', async (t) => {
  await using origin = await rawOrigin();
  const started = start(origin.port, ['127.0.0.1', '127.0.0.2']);
  await assertWon(t, started, '127.0.0.1');
  t.same(started.dialled, ['127.0.0.1']);
});

t.test('openAny() dials the next address when the first is slow, not before', async (t) => {
  await using _origin = await rawOrigin('127.0.0.2', hole.port);
  const started = start(hole.port, ['127.0.0.1', '127.0.0.2', '127.0.0.3']);
  started.tools.clock.advance(249);
  t.same(started.dialled, ['127.0.0.1']);
  started.tools.clock.advance(51);
  t.same(started.dialled, ['127.0.0.1', '127.0.0.2']);
  await assertWon(t, started, '127.0.0.2');
});

t.test('openAny() takes the first where it is slow, and still the first to connect', async (t) => {
  await using origin = await rawOrigin('127.0.0.2', hole.port);
  const started = start(hole.port, ['127.0.0.2', '127.0.0.1']);
  // In the same turn of the event loop no answer can have come.
  started.tools.clock.advance(300);
  t.same(started.dialled, ['127.0.0.2', '127.0.0.1']);
  await assertWon(t, started, '127.0.0.2');
  t.equal(origin.accepted, 1);
});

t.test('openAny() dials the next address at once when the first has failed', async (t) => {
  await using origin = await rawOrigin('127.0.0.2', await freePort());
  const started = start(origin.port, ['127.0.0.1', '127.0.0.2']);
  await assertWon(t, started, '127.0.0.2');
  t.same(started.dialled, ['127.0.0.1', '127.0.0.2']);
});

t.test('openAny() waits for all that are under way, and tells of the last to fail', async (t) => {
  const started = start(hole.port, ['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  const { clock } = started.tools;
  for (const dialled of [2, 3]) {
    clock.advance(300);
    t.equal(started.dialled.length, dialled);
  }
  clock.advance(500);
  await until(() => started.tools.ledger.open('upstream') === 2);
  t.same(started.outcomes, [], 'two are under way');
  clock.advance(600);
  t.match(await started.outcome(), { error: { code: 'ETIMEDOUT' } });
  await assertLost(t, started);
});

t.test('openAny() tells of no path only where no address says more', async (t) => {
  const port = await closedPort();
  for (const addresses of [
    ['127.0.0.1', NO_PATH],
    [NO_PATH, '127.0.0.1'],
  ]) {
    const started = start(port, addresses);
    t.match(await started.outcome(), { error: { code: 'ECONNREFUSED' }, address: '127.0.0.1' });
    t.same(started.dialled, addresses);
    await assertLost(t, started);
  }
  const started = start(port, [NO_PATH, NO_PATH]);
  t.match(await started.outcome(), { error: { syscall: 'connect' }, address: NO_PATH });
  await assertLost(t, started);
});

t.test('openAny() dials nobody beside a slow address that has no time to be slow', async (t) => {
  const started = start(hole.port, ['127.0.0.1', '127.0.0.2'], 250);
  started.tools.clock.advance(200);
  t.same(started.dialled, ['127.0.0.1']);
  started.tools.clock.advance(100);
  // There nobody listens, which is heard at once.
  t.match(await started.outcome(), { error: { code: 'ECONNREFUSED' }, address: '127.0.0.2' });
  await assertLost(t, started);
});

t.test('openAny() gives all up that is under way, and dials nobody else', async (t) => {
  const started = start(hole.port, ['127.0.0.1', '127.0.0.1', '127.0.0.2']);
  started.tools.clock.advance(300);
  const why = new Error('why');
  started.dial.stop(why);
  t.equal((await started.outcome()).error, why);
  await assertLost(t, started);
  t.equal(started.dialled.length, 2);
});

t.test('openAny() connects from the address that is asked for', async (t) => {
  await using origin = await rawOrigin('127.0.0.2', await freePort());
  const tools = dialTools();
  const { promise, resolve } = Promise.withResolvers<UpstreamLeg>();
  const target = { address: '127.0.0.1', others: ['127.0.0.2'], port: origin.port, source: '127.0.0.9' };
  openAny(
    tools,
    { ...target, timeoutMs: 1_000 },
    { onDial: () => {}, onOpened: resolve, onFailed: (error) => t.fail(error.message) },
  );
  const leg = await promise;
  await until(() => origin.sockets.size === 1);
  const [far] = origin.sockets as ReadonlySet<net.Socket>;
  t.equal(far?.remoteAddress, '127.0.0.9');
  leg.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
});

const FIVE = Array.from({ length: 5 }, () => '127.0.0.1');

// Attacks: bounded.
t.test('openAny() has three attempts under way, and gives the slowest up for the next', async (t) => {
  const started = start(hole.port, FIVE, 2_000);
  for (const dialled of [2, 3, 4, 5]) {
    started.tools.clock.advance(300);
    t.equal(started.dialled.length, dialled);
    await until(() => started.tools.ledger.open('upstream') === Math.min(dialled, 3));
  }
  t.same(started.outcomes, []);
  started.tools.clock.advance(2_100);
  t.match(await started.outcome(), { error: { code: 'ETIMEDOUT' } });
  await assertLost(t, started);
});

t.test('openAny() joins no slow attempt that another has joined already', async (t) => {
  const started = start(hole.port, FIVE, 400);
  started.tools.clock.advance(300);
  t.equal(started.dialled.length, 2, 'the first is slow');
  started.tools.clock.advance(150);
  // And then has failed.
  await until(() => started.dialled.length === 3);
  started.tools.clock.advance(150);
  t.equal(started.dialled.length, 3, 'the second is slow, and not the latest');
  started.dial.stop(new Error('why'));
  await until(() => started.tools.ledger.open('upstream') === 0);
});

// Attacks: bounded.
t.test('openAny() joins no slow attempt by another where the process has no room', async (t) => {
  const started = start(hole.port, FIVE.slice(3), 1_000);
  const { idle, clock } = started.tools;
  while (idle.takeExtra());
  clock.advance(900);
  t.equal(started.dialled.length, 1);
  clock.advance(200);
  await until(() => started.dialled.length === 2);
  clock.advance(1_100);
  await started.outcome();
  await assertLost(t, started);
  idle.giveExtraBack();
  t.ok(idle.takeExtra(), 'none was given back that was not taken');
  t.notOk(idle.takeExtra());
});
