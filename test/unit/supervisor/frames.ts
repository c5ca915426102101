import fc from 'fast-check';
import t from 'tap';
import { FrameFault, Frames, frameOf } from '#supervisor/frames.ts';

t.test('Frames takes out what frameOf() has put in, however it is cut', async (t) => {
  const message = fc.record({
    kind: fc.string(),
    list: fc.array(fc.integer()),
    none: fc.constant(undefined),
  });
  fc.assert(
    fc.property(fc.array(message), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (messages, sizes) => {
      const bytes = Buffer.concat(messages.map((one) => frameOf(one)));
      const frames = new Frames();
      const got: unknown[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value as number;
        got.push(...frames.take(bytes.subarray(at, at + size)));
        at += size;
      }
      t.same(got, messages);
    }),
    { seed: 11, numRuns: 100 },
  );
});

// Attacks: bounded.
t.test('what is longer than any message can be is neither sent nor waited for', async (t) => {
  t.throws(() => frameOf('x'.repeat(100), 50), FrameFault);
  const frames = new Frames(50);
  t.throws(() => frames.take(frameOf('x'.repeat(100))), FrameFault);
});

t.test('what is no message is told of', async (t) => {
  const bytes = Buffer.from([0, 0, 0, 3, 1, 2, 3]);
  t.throws(() => new Frames().take(bytes), FrameFault);
});
