import t from 'tap';
import { addChainSteps } from '#doctor/chain-steps.ts';
import type { Blame, Reading } from '#doctor/reading.ts';
import { Walk } from '#doctor/step.ts';
import { parseTarget } from '#doctor/target.ts';

const MARKS = { ok: '✓', failed: '✗', unknown: '–' } as const;

function steps(hops: readonly string[], blame?: Pick<Blame, 'tier' | 'place'>, target = 'a.x'): string {
  const walk = new Walk();
  const whole = blame && { ...blame, said: 'said', reason: undefined };
  const reading: Reading = { transaction: undefined, hops, blame: whole, hearsay: [], nextHop: undefined };
  addChainSteps(walk, reading, parseTarget(target));
  return walk.steps.map(({ step, mark }) => `${step} ${MARKS[mark]}`).join(' ');
}

t.test('addChainSteps() marks a way that is open, as far as it is told', async (t) => {
  const target = 'target-dns ✓ target-tcp ✓';
  t.equal(steps(['t1', 't2']), `tier1-verdict ✓ tier2-reach ✓ tier2-verdict ✓ ${target}`);
  t.equal(steps([]), `tier1-verdict ✓ tier2-reach – tier2-verdict – ${target}`);
  t.equal(
    steps(['a', 'b', 'c'], undefined, '192.0.2.1:443'),
    `tier1-verdict ✓ tier2-reach ✓ tier2-verdict ✓ tier3-reach ✓ tier3-verdict ✓ ${target}`,
  );
  const walk = new Walk();
  const reading = { transaction: undefined, hops: ['t1'], blame: undefined, hearsay: [], nextHop: 'vm:1' };
  addChainSteps(walk, reading, parseTarget('192.0.2.1:443'));
  t.match(walk.steps[1], { detail: /^it went on to vm:1; / });
  t.match(walk.steps.at(-2), { detail: 'an address, no name' });
});

t.test('addChainSteps() marks where it ended, and nothing behind it', async (t) => {
  const two = 'tier1-verdict ✓ tier2-reach ✓';
  const hops = ['t1', 't2'];
  t.equal(steps(['t1'], { tier: 1, place: 'verdict' }), 'tier1-verdict ✗');
  t.equal(steps(['t1'], { tier: 1, place: 'next' }), 'tier1-verdict ✓ tier2-reach ✗');
  t.equal(steps(hops, { tier: 2, place: 'verdict' }), `${two} tier2-verdict ✗`);
  t.equal(steps(hops, { tier: 2, place: 'next' }), `${two} tier2-verdict ✓ tier3-reach ✗`);
  t.equal(steps(hops, { tier: 2, place: 'dns' }), `${two} tier2-verdict ✓ target-dns ✗`);
  t.equal(steps(hops, { tier: 2, place: 'connect' }), `${two} tier2-verdict ✓ target-dns ✓ target-tcp ✗`);
  t.equal(
    steps(hops, { tier: 2, place: 'answer' }),
    `${two} tier2-verdict ✓ target-dns ✓ target-tcp ✓ target-answer ✗`,
  );
  t.equal(
    steps(['t1'], { tier: 1, place: 'dns' }),
    'tier1-verdict ✓ tier2-reach – tier2-verdict – target-dns ✗',
    'of a tier that goes out by itself',
  );
});
