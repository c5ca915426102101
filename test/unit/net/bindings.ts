import process from 'node:process';
import t from 'tap';
import { bindingOf, UnsuitableNode } from '#net/bindings.ts';

const CURE = 'Run Weir on Node 26, which "npm ci" puts beside the sources';

t.test('bindingOf() gives a binding that has all that is used of it', async (t) => {
  const binding = bindingOf<{ TCP: unknown }>('tcp_wrap', ['TCP', 'TCP.prototype.reset', 'constants.SOCKET']);
  t.type(binding.TCP, 'function');
});

for (const part of ['Tcp', 'TCP.prototype.rest', 'TCP.nowhere.reset', 'constants.SOCKET.deeper']) {
  t.test(`bindingOf() says what is not there: ${part}`, async (t) => {
    t.throws(() => bindingOf('tcp_wrap', ['TCP', part]), {
      name: 'UnsuitableNode',
      message: `Cannot run on Node ${process.version}: it has no "${part}" in its binding "tcp_wrap". ${CURE}`,
    });
  });
}

t.test('bindingOf() says that there is no such binding, and why', async (t) => {
  try {
    bindingOf('no_such_wrap', []);
    t.fail('it throws');
  } catch (error) {
    t.type(error, UnsuitableNode);
    t.match(error, {
      message: `Cannot run on Node ${process.version}: it has no binding "no_such_wrap". ${CURE}`,
      cause: { message: /no_such_wrap/ },
    });
  }
});
