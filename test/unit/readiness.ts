import t from 'tap';
import { auditAtFault, peersAtFault, podsAtFault } from '../../src/readiness.ts';
import { peerAt } from '../fixtures/peer.ts';

const ADMIN = { host: '127.0.0.1', port: 0 } as const;

t.test('peersAtFault() goes by peers only where the configuration says so', async (t) => {
  const peer = peerAt('vm-a', 1, { health: { intervalMs: 10_000, target: undefined } });
  t.same(peersAtFault({ ...ADMIN, readiness: 'peers' }, [peer]), []);
  peer.failed('peer_timeout', performance.now() - 31_000);
  t.same(peersAtFault({ ...ADMIN, readiness: 'process' }, [peer]), []);
  t.same(peersAtFault({ ...ADMIN, readiness: 'peers' }, [peer]), ['all peers are down']);
});

t.test(
  'podsAtFault() waits for pods where they are watched, and for namespaces where they are expected',
  async (t) => {
    const kubernetes = {
      server: 'https://a',
      tokenFile: undefined,
      caFile: undefined,
      whenStale: 'keep',
      watchesNamespaces: true,
    } as const;
    const known = (isSynced: boolean, isExpected: boolean) => ({ isSynced, namespaces: { isExpected } });
    t.same(podsAtFault({ kubernetes: undefined }, known(false, true)), []);
    t.same(podsAtFault({ kubernetes }, known(false, false)), ['pods are not known yet']);
    t.same(podsAtFault({ kubernetes }, known(true, true)), ['namespaces are not known yet']);
    t.same(podsAtFault({ kubernetes }, known(true, false)), []);
  },
);

t.test('auditAtFault() tells of a trail without which nothing passes', async (t) => {
  t.same(auditAtFault(undefined), []);
  t.same(auditAtFault({ isBlocking: false }), []);
  t.same(auditAtFault({ isBlocking: true }), ['the audit trail cannot be written']);
});
