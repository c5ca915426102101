import t from 'tap';
import type { ProxyContext } from '#proxy/context.ts';
import { OwnAddressWatch } from '#proxy/own-address-watch.ts';
import { ip } from '../../fixtures/subject.ts';

function watched(...known: readonly string[]) {
  const seen = { addresses: known.map(ip), changes: 0 };
  const guard = { ownAddresses: new Set(known) };
  const watch = new OwnAddressWatch({
    context: { generation: { guard } } as unknown as ProxyContext,
    read: () => seen.addresses,
    onChange: () => {
      seen.changes += 1;
    },
  });
  return { watch, seen };
}

t.test('look() tells of an address more, and of one less, but not of their order', async (t) => {
  const { watch, seen } = watched('192.0.2.1', '::1');
  watch.look();
  seen.addresses = ['::1', '192.0.2.1', '::1'].map(ip);
  watch.look();
  t.equal(seen.changes, 0);
  seen.addresses = ['::1', '192.0.2.1', '192.0.2.2'].map(ip);
  watch.look();
  t.equal(seen.changes, 1);
  seen.addresses = [ip('::1')];
  watch.look();
  t.equal(seen.changes, 2);
});

t.test('begin() looks again and again, until stop()', async (t) => {
  const { watch, seen } = watched();
  seen.addresses = [ip('192.0.2.1')];
  const { promise, resolve } = Promise.withResolvers<void>();
  const twice = { ...seen };
  Object.defineProperty(seen, 'changes', {
    get: () => twice.changes,
    set: (changes) => {
      twice.changes = changes;
      if (changes === 2) resolve();
    },
  });
  watch.begin(1);
  const alive = setTimeout(() => {}, 10_000);
  await promise;
  clearTimeout(alive);
  watch.stop();
  const { changes } = twice;
  await new Promise((later) => setTimeout(later, 10));
  t.equal(twice.changes, changes);
});
