import fc from 'fast-check';
import t from 'tap';
import { type BandwidthSource, Flow, Shaper } from '#limit/shaper.ts';
import { Wheel } from '#net/wheel.ts';
import { FakeClock } from '../../fixtures/wheel-clock.ts';

/** A hundred bytes each turn of the wheel. */
const BANDWIDTH = 2000;
const TURN_MS = 50;

class TestFlow extends Flow {
  paid = 0;

  onPaid(): void {
    this.paid += 1;
  }
}

/** A source with what the test puts there. */
class Source implements BandwidthSource {
  left = 0;

  take(_: string, want: number): number | Promise<number> {
    const taken = Math.max(0, Math.min(want, this.left));
    this.left -= taken;
    return taken;
  }

  charge(bytes: number): void {
    this.left -= bytes;
  }

  giveBack(_: string, bytes: number): void {
    this.left += bytes;
  }
}

function shaped(source = new Source()) {
  const clock = new FakeClock();
  const wheel = new Wheel({ clock, tickMs: TURN_MS });
  const turn = (bytes: number): void => {
    source.left += bytes;
    clock.advance(TURN_MS);
  };
  return { source, clock, wheel, turn, shaper: new Shaper(source, BANDWIDTH, wheel) };
}

t.test('Shaper lets a flow go on while there is bandwidth, and sets no clock', async (t) => {
  const { source, shaper, wheel } = shaped();
  const flow = new TestFlow();
  source.left = 100;
  t.ok(shaper.pay(flow, 60));
  t.equal(source.left, 40);
  t.equal(wheel.size, 0);
});

t.test('Shaper has a flow wait until it has paid, and says so once', async (t) => {
  const { source, shaper, wheel, turn } = shaped();
  const flow = new TestFlow();
  source.left = 40;
  t.notOk(shaper.pay(flow, 100));
  t.notOk(shaper.pay(flow, 20), 'what was on its way is owed as well');
  turn(50);
  t.equal(flow.paid, 0);
  turn(50);
  t.equal(flow.paid, 1);
  t.ok(shaper.pay(flow, 20), 'what is more than it owed it may use');
  turn(0);
  t.equal(wheel.size, 0, 'nobody waits, and no clock is set');
  t.equal(source.left, 0);
});

t.test('Shaper takes credit back that a flow has not used', async (t) => {
  const { source, shaper, turn, wheel } = shaped();
  const flow = new TestFlow();
  t.notOk(shaper.pay(flow, 10));
  turn(100);
  t.equal(source.left, 0, 'all is given to the one that waits');
  t.ok(shaper.pay(flow, 30));
  turn(0);
  t.equal(source.left, 60);
  t.equal(flow.debt, 0);
  t.equal(wheel.size, 0);
});

t.test('Shaper ends the credit of a flow that uses all of it, to the byte', async (t) => {
  const { source, shaper, turn } = shaped();
  const flow = new TestFlow();
  shaper.pay(flow, 10);
  turn(100);
  t.ok(shaper.pay(flow, 90));
  t.equal(flow.debt, 0);
  t.notOk(shaper.pay(flow, 1));
  turn(1);
  t.equal(flow.paid, 2);
  t.equal(source.left, 0);
});

t.test('Shaper has a flow that moves more than its credit wait again', async (t) => {
  const { shaper, turn } = shaped();
  const flow = new TestFlow();
  shaper.pay(flow, 10);
  turn(100);
  t.notOk(shaper.pay(flow, 100));
  turn(10);
  t.equal(flow.paid, 2);
});

t.test('Shaper gives each flow the same, whether it moves much at a time or little', async (t) => {
  const { shaper, turn } = shaped();
  const pieces = [1, 7, 30, 500];
  const flows = pieces.map(() => new TestFlow());
  const moved = pieces.map(() => 0);
  const moveAll = (flow: TestFlow, at: number): void => {
    const piece = pieces[at] as number;
    while (flow.debt <= 0) {
      moved[at] = (moved[at] as number) + piece;
      shaper.pay(flow, piece);
    }
  };
  for (let index = 0; index < 400; index += 1) {
    flows.forEach(moveAll);
    turn(100);
  }
  for (const bytes of moved) t.ok(bytes > 9000 && bytes < 11_000, `${moved}`);
});

t.test('Shaper gives a flow that has just come its share of the next turn', async (t) => {
  const { shaper, turn } = shaped();
  const [greedy, late] = [new TestFlow(), new TestFlow()];
  shaper.pay(greedy, 1e6);
  turn(100);
  t.notOk(shaper.pay(late, 40), 'those that wait come first');
  turn(100);
  t.equal(late.paid, 1);
  t.equal(greedy.debt, 1e6 - 150);
});

t.test('Shaper.leave() has those that come later wait for what a flow still owed', async (t) => {
  const { source, shaper, turn, wheel } = shaped();
  const [over, next] = [new TestFlow(), new TestFlow()];
  shaper.pay(over, 150);
  shaper.leave(over, 30);
  t.equal(wheel.size, 0);
  t.equal(source.left, -180);
  t.notOk(shaper.pay(next, 1));
  turn(100);
  t.equal(next.paid, 0);
  turn(100);
  t.equal(next.paid, 1);
  shaper.leave(next, 0);
  t.equal(source.left, 19, 'credit goes back');
  t.equal(wheel.size, 0);
  shaper.leave(next, 0);
  t.equal(source.left, 19, 'and nothing is left of it');
});

t.test('Shaper waits for a source that answers later, and shares what comes', async (t) => {
  const answers: ((bytes: number) => void)[] = [];
  class Far extends Source {
    override take(): Promise<number> {
      return new Promise((resolve) => answers.push(resolve));
    }
  }
  const { source, shaper, clock } = shaped(new Far());
  const answer = async (bytes: number): Promise<void> => {
    answers.shift()?.(bytes);
    await Promise.resolve();
    await Promise.resolve();
  };
  const [first, second, third] = [new TestFlow(), new TestFlow(), new TestFlow()];
  t.notOk(shaper.pay(first, 10));
  t.notOk(shaper.pay(second, 10));
  clock.advance(TURN_MS);
  t.equal(answers.length, 1, 'it asks once at a time');
  await answer(20);
  t.same([first.paid, second.paid], [1, 1]);
  shaper.pay(third, 10);
  shaper.leave(third, 0);
  await answer(15);
  t.equal(third.paid, 0);
  t.equal(source.left, -10 + 15, 'what nobody waits for any more goes back');
});

t.test('Shaper waits at a turn for a source that answers later', async (t) => {
  const answers: ((bytes: number) => void)[] = [];
  class FarLater extends Source {
    isFar = false;

    override take(resource: string, want: number): number | Promise<number> {
      return this.isFar ? new Promise((resolve) => answers.push(resolve)) : super.take(resource, want);
    }
  }
  const source = new FarLater();
  const { shaper, turn } = shaped(source);
  const flow = new TestFlow();
  t.notOk(shaper.pay(flow, 10));
  source.isFar = true;
  turn(0);
  turn(0);
  t.equal(answers.length, 1, 'it asks once at a time');
  answers[0]?.(10);
  await Promise.resolve();
  await Promise.resolve();
  t.equal(flow.paid, 1);
});

t.test('Shaper: a flow whose end another one brings about gets nothing', async (t) => {
  const { source, shaper, turn } = shaped();
  const second = new TestFlow();
  class Ending extends Flow {
    onPaid(): void {
      shaper.leave(second, 0);
    }
  }
  shaper.pay(new Ending(), 10);
  shaper.pay(second, 10);
  turn(20);
  t.equal(second.paid, 0);
  t.equal(source.left, 0, 'its share goes back, and pays what it owed');
});

t.test('Shaper keeps account of every byte', async () => {
  const step = fc.record({
    flow: fc.nat(3),
    bytes: fc.integer({ min: 1, max: 400 }),
    turn: fc.nat(300),
    leaves: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { source, shaper, turn, wheel } = shaped();
      const flows = Array.from({ length: 4 }, () => new TestFlow());
      let [moved, given] = [0, 0];
      for (const { flow: index, bytes, turn: more, leaves } of steps) {
        const flow = flows[index] as TestFlow;
        if (flow.debt <= 0) {
          moved += bytes;
          shaper.pay(flow, bytes);
        }
        if (leaves) shaper.leave(flow, 0);
        given += more;
        turn(more);
      }
      for (const flow of flows) shaper.leave(flow, 0);
      return source.left === given - moved && wheel.size === 0;
    }),
    { seed: 4 },
  );
});
