import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { type Timed, Wheel } from '#net/wheel.ts';
import { FakeClock } from '../../fixtures/wheel-clock.ts';

const TICK = 50;
/** As many ticks as the wheel has slots. */
const ROUND = 512 * TICK;

function wheelAt(nowMs: number): { clock: FakeClock; wheel: Wheel } {
  const clock = new FakeClock(nowMs);
  return { clock, wheel: new Wheel({ clock, tickMs: TICK }) };
}

const timed = (onDeadline: () => void): Timed => ({ onDeadline });

t.test('Deadline expires once, when its time has come', async (t) => {
  const { clock, wheel } = wheelAt(0);
  let expired = 0;
  const deadline = wheel.deadline(
    timed(() => {
      expired += 1;
    }),
  );
  deadline.set(120);
  t.equal(deadline.dueMs, 120);
  clock.advance(119);
  t.equal(expired, 0);
  clock.advance(31);
  t.equal(expired, 1);
  t.equal(deadline.dueMs, 0);
  clock.advance(ROUND * 2);
  t.equal(expired, 1);
});

t.test('Deadline that is set again is due at the new time only', async (t) => {
  const { clock, wheel } = wheelAt(7);
  const expiredAt: number[] = [];
  const deadline = wheel.deadline(timed(() => expiredAt.push(clock.now())));
  deadline.set(60);
  clock.advance(40);
  deadline.set(100);
  t.equal(wheel.size, 1);
  clock.advance(1000);
  t.same(expiredAt, [157]);
});

t.test('Deadline that is cleared does not expire', async (t) => {
  const { clock, wheel } = wheelAt(0);
  const deadline = wheel.deadline(timed(() => t.fail('expired')));
  deadline.set(60);
  deadline.clear();
  t.equal(deadline.dueMs, 0);
  deadline.clear();
  clock.advance(ROUND * 2);
  t.equal(wheel.size, 0);
});

t.test('Wheel ticks only while a deadline is set, and one tick more', async (t) => {
  const { clock, wheel } = wheelAt(0);
  const [first, second] = [wheel.deadline(timed(() => {})), wheel.deadline(timed(() => {}))];
  t.equal(clock.ticking, 0);
  first.set(100);
  second.set(200);
  t.equal(clock.ticking, 1);
  t.equal(wheel.size, 2);
  clock.advance(150);
  t.equal(wheel.size, 1);
  second.clear();
  clock.advance(TICK);
  t.equal(clock.ticking, 0);
  first.set(10);
  t.equal(clock.ticking, 1);
  clock.advance(100);
  t.equal(clock.ticking, 0);
});

t.test('Deadline due in a later round of the wheel waits for it', async (t) => {
  const { clock, wheel } = wheelAt(0);
  const expiredAt: number[] = [];
  wheel.deadline(timed(() => expiredAt.push(clock.now()))).set(ROUND * 2 + TICK);
  clock.advance(ROUND * 2);
  t.same(expiredAt, []);
  clock.advance(TICK);
  t.same(expiredAt, [ROUND * 2 + TICK]);
});

t.test('Wheel whose ticks are not on multiples of the tick is late by at most one tick', async (t) => {
  const { clock, wheel } = wheelAt(TICK - 1);
  let expiredAt = 0;
  wheel
    .deadline(
      timed(() => {
        expiredAt = clock.now();
      }),
    )
    .set(2);
  clock.advance(1000);
  t.equal(expiredAt, 2 * TICK - 1, 'at the first tick after it, not the second');
});

t.test('Wheel that was stopped for many rounds expires everything due, and nothing else', async (t) => {
  const { clock, wheel } = wheelAt(3);
  const expired: string[] = [];
  for (const [name, ms] of [
    ['soon', 1],
    ['in a round', ROUND],
    ['in two', ROUND * 2],
    ['later', ROUND * 9],
  ] as const) {
    wheel.deadline(timed(() => expired.push(name))).set(ms);
  }
  clock.stall(ROUND * 5 + 17);
  t.same(expired.sort(), ['in a round', 'in two', 'soon']);
  t.equal(wheel.size, 1);
  clock.advance(ROUND * 5);
  t.equal(wheel.size, 0);
});

t.test(
  'Deadline that is set to nothing in its own callback expires at the next tick, not in the same',
  async (t) => {
    const { clock, wheel } = wheelAt(0);
    let expired = 0;
    const deadline = wheel.deadline(
      timed(() => {
        expired += 1;
        deadline.set(0);
      }),
    );
    deadline.set(TICK);
    clock.advance(TICK);
    t.equal(expired, 1);
    clock.advance(TICK);
    t.equal(expired, 2);
    deadline.clear();
  },
);

t.test('Deadline that another one clears or moves in the same tick does not expire in it', async (t) => {
  const { clock, wheel } = wheelAt(0);
  const cleared = wheel.deadline(timed(() => t.fail('was cleared')));
  let movedAt = 0;
  const moved = wheel.deadline(
    timed(() => {
      movedAt = clock.now();
    }),
  );
  const first = wheel.deadline(
    timed(() => {
      cleared.clear();
      moved.set(TICK * 3);
    }),
  );
  for (const deadline of [first, cleared, moved]) deadline.set(TICK);
  clock.advance(TICK * 10);
  t.equal(movedAt, TICK * 4);
  t.equal(wheel.size, 0);
});

t.test('Deadlines are never early and late by at most one tick', async (t) => {
  const step = fc.record({ waitMs: fc.nat(3 * TICK), delayMs: fc.nat(ROUND + 5 * TICK) });
  fc.assert(
    fc.property(fc.nat(10_000), fc.array(step, { maxLength: 40 }), (startMs, steps) => {
      const { clock, wheel } = wheelAt(startMs);
      const lateness: number[] = [];
      for (const { waitMs, delayMs } of steps) {
        clock.advance(waitMs);
        const dueMs = clock.now() + delayMs;
        wheel.deadline(timed(() => lateness.push(clock.now() - dueMs))).set(delayMs);
      }
      clock.advance(ROUND + 7 * TICK);
      return lateness.length === steps.length && lateness.every((ms) => ms >= 0 && ms <= TICK);
    }),
    { seed: 20_261_129 },
  );
  t.pass('no counterexample');
});

t.test('Wheel that was stopped for a round and more looks at every slot', async (t) => {
  const { clock, wheel } = wheelAt(0);
  for (let ms = 0; ms < ROUND; ms += TICK) wheel.deadline(timed(() => {})).set(ms);
  clock.stall(ROUND * 3);
  t.equal(wheel.size, 0);
});

t.test('Wheel that was stopped for any time then expires exactly what is due', async (t) => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.array(fc.nat(3 * ROUND), { maxLength: 60 }),
      fc.nat(4 * ROUND),
      (startMs, delays, stallMs) => {
        const { clock, wheel } = wheelAt(startMs);
        let expired = 0;
        for (const delayMs of delays) {
          wheel
            .deadline(
              timed(() => {
                expired += 1;
              }),
            )
            .set(delayMs);
        }
        clock.stall(stallMs);
        return expired === delays.filter((delayMs) => delayMs <= stallMs).length;
      },
    ),
    { seed: 20_261_129 },
  );
  t.pass('no counterexample');
});

t.test('Wheel runs on the time of the system unless it is given another', async (t) => {
  const wheel = new Wheel({ tickMs: 1 });
  const before = wheel.now();
  const hold = setInterval(() => {}, 1_000);
  await new Promise<void>((resolve) => wheel.deadline(timed(resolve)).set(5));
  clearInterval(hold);
  t.ok(wheel.now() - before >= 5);
  t.equal(wheel.size, 0);
});

t.test('Wheel does not keep the process alive', async (t) => {
  const script = `import { Wheel } from '#net/wheel.ts'; new Wheel().deadline({ onDeadline: () => {} }).set(3_600_000);`;
  const cwd = join(import.meta.dirname, '../../..');
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd,
    timeout: 20_000,
  });
  t.equal(stdout, '');
});
