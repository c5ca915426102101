import t from 'tap';
import { innerLimit, isInner } from '#limit/options.ts';

t.test('innerLimit() limits tunnels, and nothing else', async (t) => {
  t.same(innerLimit('@peer vm-a', 'global', 3), {
    name: '@peer vm-a',
    per: 'global',
    tunnels: 3,
    requests: undefined,
    bandwidth: undefined,
    bytesPerDay: undefined,
  });
});

t.test('isInner() tells it from those of a configuration', async (t) => {
  t.same(['@main', 'main', 'peer'].map(isInner), [true, false, false]);
});
