import t from 'tap';
import { BindFault } from '#net/bind-fault.ts';
import { UnsuitableNode } from '#net/bindings.ts';
import { PassedSocketFault } from '#net/passed-socket.ts';
import { withExitCode } from '#start-fault.ts';

const bindFault = (): Error => new BindFault('listener "main"', { host: '::1', port: 80 }, new Error('odd'));

t.test('withExitCode() tells what may pass by itself from what cannot', async (t) => {
  t.match(withExitCode(bindFault()), { exitCode: 69 });
  t.match(withExitCode(new UnsuitableNode('binding')), { exitCode: 78 });
  t.match(withExitCode(new PassedSocketFault('none')), { exitCode: 78 });
});

t.test('withExitCode() leaves an exit code as it is', async (t) => {
  t.match(withExitCode(Object.assign(bindFault(), { exitCode: 78 })), { exitCode: 78 });
  t.match(withExitCode(Object.assign(bindFault(), { exitCode: undefined })), { exitCode: 69 });
});

t.test('withExitCode() gives none to a fault of our own, whatever code it has', async (t) => {
  const fault = Object.assign(new TypeError('x is not a function'), { code: 'ERR_INVALID_ARG_TYPE' });
  t.equal(withExitCode(fault), fault);
  t.notOk('exitCode' in fault);
  t.equal(withExitCode('text'), 'text');
});
