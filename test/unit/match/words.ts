import t from 'tap';
import { Tri } from '#match/tri.ts';
import { compileListeners, compileMethods } from '#match/words.ts';
import { subject } from '../../fixtures/subject.ts';

t.test('compileMethods() compares methods exactly, case included', async (t) => {
  const methods = compileMethods(['CONNECT', 'GET']);
  t.equal(methods.key, 'methods');
  t.ok(Object.isFrozen(methods));
  t.equal(methods.test(subject({ method: 'CONNECT' })), Tri.True);
  t.equal(methods.test(subject({ method: 'GET' })), Tri.True);
  t.equal(methods.test(subject({ method: 'connect' })), Tri.False);
  t.equal(methods.test(subject({ method: 'POST' })), Tri.False);
});

t.test('compileListeners() compares the names of listeners', async (t) => {
  const listeners = compileListeners(['microsoft']);
  t.equal(listeners.key, 'listeners');
  t.ok(Object.isFrozen(listeners));
  t.equal(listeners.test(subject({ listener: 'microsoft' })), Tri.True);
  t.equal(listeners.test(subject({ listener: 'other' })), Tri.False);
});
