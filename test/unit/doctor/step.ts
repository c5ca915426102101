import t from 'tap';
import { stepsFor, Walk } from '#doctor/step.ts';

t.test('Walk keeps steps in order, and the first that failed', async (t) => {
  const walk = new Walk();
  t.equal(walk.fault, undefined);
  walk.ok('environment', 'fine', ['a note']);
  walk.failed('proxy-dns', { component: 'c', detail: 'd', check: 'e' });
  walk.failed('tier1-tcp', { component: 'x', detail: 'y', check: 'z' }, ['b']);
  walk.unknown('tier1-verdict', 'why');
  walk.fill(['environment', 'tier1-verdict', 'target-dns']);
  t.same(walk.fault, { step: 'proxy-dns', component: 'c', detail: 'd', check: 'e' });
  t.same(walk.steps, [
    { step: 'environment', mark: 'ok', detail: 'fine', notes: ['a note'] },
    { step: 'proxy-dns', mark: 'failed', detail: 'd', notes: [] },
    { step: 'tier1-tcp', mark: 'failed', detail: 'y', notes: ['b'] },
    { step: 'tier1-verdict', mark: 'unknown', detail: 'why', notes: [] },
    { step: 'target-dns', mark: 'unknown', detail: 'not reached', notes: [] },
  ]);
  t.equal(walk.has('target-dns'), true);
  t.equal(walk.has('target-tcp'), false);
});

t.test('stepsFor() has the last by what is spoken, and TLS of the proxy where it is', async (t) => {
  t.equal(stepsFor('tcp', false).join(' ').endsWith('tier2-verdict target-dns target-tcp'), true);
  t.equal(stepsFor('http', false).at(-1), 'target-answer');
  t.same(stepsFor('tls', true).slice(2, 5), ['tier1-tcp', 'tier1-tls', 'tier1-verdict']);
  t.equal(stepsFor('tls', true).at(-1), 'target-tls');
});
