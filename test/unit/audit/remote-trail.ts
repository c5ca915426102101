import t from 'tap';
import { type Body, bodyOf } from '#audit/canonical.ts';
import { RemoteTrail, type TrailBatch } from '#audit/remote-trail.ts';

const BODY: Body = bodyOf({ event: 'decision' });
const [FIRST, SECOND, THIRD, FOURTH] = ['1', '2', '3', '4'].map((id) => bodyOf({ transaction_id: id })) as [
  Body,
  Body,
  Body,
  Body,
];

/** A supervisor that has a batch when it is told so. */
function start(patienceMs?: number, heldPatienceMs?: number) {
  const batches: TrailBatch[] = [];
  let arrived = Promise.withResolvers<void>();
  let taken = Promise.resolve();
  const trail = new RemoteTrail(
    (batch) => {
      batches.push(batch);
      arrived.resolve();
      return taken;
    },
    patienceMs,
    heldPatienceMs,
  );
  const hold = (): (() => void) => {
    const held = Promise.withResolvers<void>();
    taken = held.promise;
    return held.resolve;
  };
  const next = async (): Promise<TrailBatch> => {
    await arrived.promise;
    arrived = Promise.withResolvers<void>();
    return batches.at(-1) as TrailBatch;
  };
  return { trail, batches, hold, next };
}

t.test('records go to the supervisor together, and are waited for by their number', async (t) => {
  const { trail, next } = start();
  trail.append(BODY);
  trail.append(BODY);
  const waiting = trail.written();
  t.same(await next(), { bodies: [BODY, BODY], lost: 0 });
  trail.hear({ written: 1, isFailing: false });
  t.equal(await Promise.race([waiting, 'waits']), 'waits');
  trail.hear({ written: 2, isFailing: false });
  t.equal(await waiting, undefined);
  await trail.written();
  trail.append(BODY);
  t.same(await next(), { bodies: [BODY], lost: 0 });
});

t.test('what comes while a batch is under way goes with the next', async (t) => {
  const { trail, batches, hold, next } = start();
  const release = hold();
  trail.append(BODY);
  await next();
  trail.append(BODY);
  trail.append(BODY);
  release();
  await trail.flush();
  t.same(
    batches.map(({ bodies }) => bodies.length),
    [1, 2],
  );
  await trail.flush();
});

t.test('a supervisor that cannot write fails those who wait, until it can again', async (t) => {
  const { trail } = start();
  trail.append(BODY);
  const waiting = trail.written();
  trail.hear({ written: 0, isFailing: true });
  await t.rejects(waiting, /cannot write it/);
  t.equal(trail.isFailing, true);
  await t.rejects(trail.written(), /a moment ago/);
  trail.hear({ written: 1, isFailing: false });
  t.equal(trail.isFailing, false);
});

t.test('a supervisor that is silent or gone fails those who wait', async (t) => {
  const { trail, batches } = start(1);
  trail.append(BODY);
  await t.rejects(trail.written(), /does not answer/);
  trail.lose();
  trail.hear({ written: 1, isFailing: false });
  t.equal(trail.isFailing, true, 'for good');
  const before = batches.length;
  trail.append(BODY);
  await trail.flush();
  t.equal(batches.length, before);
});

// Attacks: bounded.
t.test('a supervisor that takes nothing makes a worker count what it has no room for', async (t) => {
  const { trail, batches, hold, next } = start();
  const release = hold();
  trail.append(BODY);
  await next();
  for (let index = 0; index < 65_540; index += 1) trail.append(BODY);
  release();
  await trail.flush();
  t.same(
    batches.map(({ bodies, lost }) => [bodies.length, lost]),
    [
      [1, 0],
      [65_535, 5],
    ],
  );
});

t.test('what no supervisor has told to be written goes to the next one, first and again', async (t) => {
  const { trail, batches, next } = start();
  trail.append(FIRST);
  trail.append(SECOND);
  await next();
  trail.hear({ written: 1, isFailing: false });
  const waiting = trail.written();
  trail.append(THIRD);
  trail.hold();
  await trail.flush();
  t.equal(batches.length, 1, 'nobody is there');
  t.equal(trail.append(FOURTH), true, 'what comes meanwhile is kept');
  t.equal(trail.left, 3);
  t.equal(await Promise.race([waiting, 'waits']), 'waits');
  trail.resume();
  t.same(await next(), { bodies: [SECOND], lost: 0, isAgain: true });
  trail.hear({ written: 1, isFailing: false });
  await waiting;
  await trail.flush();
  t.same(batches.at(-1), { bodies: [THIRD, FOURTH], lost: 0 });
  trail.hear({ written: 3, isFailing: false });
  await trail.written();
  t.equal(trail.left, 0);
});

t.test('a supervisor that comes anew gets what has gathered, and is believed again', async (t) => {
  const { trail, next, batches } = start(1, 1);
  trail.hold();
  trail.append(FIRST);
  await t.rejects(trail.written(), /does not answer/, 'nobody has come in time');
  trail.resume();
  t.equal(trail.isFailing, false);
  t.same(await next(), { bodies: [FIRST], lost: 0 });
  trail.hear({ written: 1, isFailing: false });
  trail.hold();
  trail.resume();
  await trail.flush();
  t.equal(batches.length, 1, 'nothing to hand in');
});

t.test('who waits while a supervisor only starts is given more time', async (t) => {
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const { trail } = start();
  trail.append(FIRST);
  const first = trail.written();
  trail.hold();
  t.clock.advance(9_999);
  t.equal(await Promise.race([first, 'waits']), 'waits');
  trail.resume();
  t.clock.advance(3_999);
  t.equal(await Promise.race([first, 'waits']), 'waits', 'the next one has its time, too');
  t.clock.advance(1);
  await t.rejects(first, /does not answer/);
  trail.resume();
  trail.hold();
  trail.append(SECOND);
  const second = trail.written();
  t.clock.advance(10_000);
  await t.rejects(second, /does not answer/, 'but not for ever');
});

t.test('a batch whose supervisor is gone does not hold up the next one', async (t) => {
  const { trail, hold, next, batches } = start();
  const release = hold();
  trail.append(FIRST);
  await next();
  trail.hold();
  trail.resume();
  t.same(batches.at(-1), { bodies: [FIRST], lost: 0, isAgain: true });
  release();
  trail.append(SECOND);
  await trail.flush();
  t.same(batches.at(-1), { bodies: [SECOND], lost: 0 });
});

/** A trail that is full, whose last record was lost. */
async function overflowing() {
  const all = start();
  for (let count = 0; count < 65_536; count += 1) all.trail.append(BODY);
  all.trail.append(BODY);
  await all.trail.flush();
  return all;
}

t.test('what was lost is told again where a supervisor went with it, until it is written', async (t) => {
  const { trail, batches } = await overflowing();
  t.match(batches.at(-1), { lost: 1 });
  trail.hold();
  trail.resume();
  t.match(batches.at(-1), { lost: 1, isAgain: true });
  trail.hear({ written: 65_536, isFailing: false });
  trail.hold();
  trail.append(BODY);
  trail.resume();
  await trail.flush();
  t.same(batches.at(-1), { bodies: [BODY], lost: 0 });
});

t.test('what was lost is told even where no record follows', async (t) => {
  const { trail, batches } = await overflowing();
  trail.append(BODY);
  t.equal(trail.left, 65_537);
  trail.hear({ written: 65_536, isFailing: false });
  t.equal(trail.left, 1);
  await trail.flush();
  t.same(batches.at(-1), { bodies: [], lost: 1 });
  t.equal(trail.left, 0);
  trail.hear({ written: 65_536, isFailing: true });
  trail.hold();
  trail.resume();
  t.same(batches.at(-1), { bodies: [], lost: 1, isAgain: true });
});

t.test('what nobody writes any more is counted', async (t) => {
  const { trail, batches } = start();
  trail.append(BODY);
  await trail.flush();
  trail.append(BODY);
  trail.lose();
  trail.append(BODY);
  await trail.flush();
  t.equal(trail.left, 3);
  t.equal(batches.length, 1);
});
