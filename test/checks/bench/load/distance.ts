/** The relay that makes a way long: late by what it was told, and otherwise as if it were not there. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Program } from '../../../../bench/harness/program.ts';
import { RawClient } from '../../../fixtures/client.ts';
import { rawOrigin } from '../../../fixtures/origin.ts';
import { owned } from '../../../fixtures/owned.ts';

const FILE = join(import.meta.dirname, '../../../../bench/load/distance.ts');
const ROUND_TRIP_MS = 20;

/** Both ends of a connection through it, and when it was begun. */
async function ends(t: Test) {
  const origin = owned(t, await rawOrigin());
  const [relay, port] = await Program.fork<number>(FILE, [`${origin.port}`, `${ROUND_TRIP_MS}`]);
  owned(t, relay);
  const begunMs = performance.now();
  const near = owned(t, await RawClient.connect(port));
  const far = owned(t, await origin.accept());
  return { near, far, begunMs };
}

t.test('what is said takes half a round trip, after a whole one for the handshake', async (t) => {
  const { near, far, begunMs } = await ends(t);
  near.send('there');
  await far.expect('there');
  t.ok(performance.now() - begunMs >= 1.5 * ROUND_TRIP_MS, 'the first word');
  far.send('and back');
  await near.expect('and back');
  t.ok(performance.now() - begunMs >= 2 * ROUND_TRIP_MS, 'the answer to it');
  const laterMs = performance.now();
  near.send('again');
  await far.expect('again');
  t.ok(performance.now() - laterMs >= ROUND_TRIP_MS / 2, 'every word');
});

t.test('who accepts is not heard before the handshake is over', async (t) => {
  const { near, far, begunMs } = await ends(t);
  far.send('hello');
  await near.expect('hello');
  t.ok(performance.now() - begunMs >= 2 * ROUND_TRIP_MS);
});

t.test('the order is kept, to the end of either half', async (t) => {
  const { near, far } = await ends(t);
  const words = Array.from({ length: 200 }, (_, index) => `${index} `);
  for (const word of words) {
    near.send(word);
    await new Promise(setImmediate);
  }
  near.end();
  t.equal(await far.rest(), words.join(''));
  t.equal(far.ending, 'end');
  t.equal(near.ending, 'open', 'the other half');
  far.send('still here');
  far.end();
  t.equal(await near.rest(), 'still here');
  t.equal(near.ending, 'end');
});

t.test('a reset is a reset, from either end', async (t) => {
  for (const from of ['near', 'far'] as const) {
    const both = await ends(t);
    const to = from === 'near' ? both.far : both.near;
    both[from].send('last words');
    await to.expect('last words');
    both[from].reset();
    await to.closed();
    t.equal(to.ending, 'ECONNRESET', `from ${from}`);
  }
});
