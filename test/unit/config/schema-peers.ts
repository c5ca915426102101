import t from 'tap';
import { peer } from '#config/schema-peers.ts';

t.test('peer needs an address and nothing else', async (t) => {
  t.match(peer.parse({ address: 'VM-A.example:3128' }), {
    address: { text: 'vm-a.example:3128' },
    hop: false,
    weight: 1,
  });
  t.match(peer.parse({ address: 'a:1', hop: true, connectTimeout: '2s', weight: 3, maxTunnels: 500 }), {
    hop: true,
    connectTimeout: 2_000,
    weight: 3,
    maxTunnels: 500,
  });
});

t.test('peer refuses what cannot be', async (t) => {
  t.match(peer.parse({ address: 'a:1', health: {} }).health, { interval: 10_000, target: undefined });
  t.match(peer.parse({ address: 'a:1', health: { interval: '1s', target: 'c:3' } }).health, {
    interval: 1_000,
    target: { text: 'c:3' },
  });
  for (const [value, message] of [
    [{ weight: 0 }, 'A peer takes a share, write a weight of at least 1'],
    [{ weight: 1_001 }, 'The weight is too great, write at most 1000'],
    [{ standby: 0 }, 'One connection is the least, write a number of at least 1'],
    [{ standby: 1_001 }, 'The number is too great, write at most 1000'],
    [{ maxTunnels: 0 }, 'A peer takes something, write a number of at least 1'],
    [{ maxTunnels: 1_000_001 }, 'The number is too great, write at most 1000000'],
  ] as const) {
    t.match(peer.safeParse({ address: 'a:1', ...value }).error?.issues, [{ message }]);
  }
});
