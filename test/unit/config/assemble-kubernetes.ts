import t from 'tap';
import { kubernetesOptions, withFiles } from '#config/assemble-kubernetes.ts';
import { config } from '../../fixtures/config.ts';

t.test('kubernetesOptions() are none where pods are not watched', async (t) => {
  t.equal(kubernetesOptions({ identity: false, whenStale: 'keep' }), undefined);
  t.same(kubernetesOptions({ identity: true, apiServer: 'https://a', whenStale: 'keep' }), {
    server: 'https://a',
    tokenFile: undefined,
    caFile: undefined,
    whenStale: 'keep',
  });
});

t.test('withFiles() makes paths absolute, and leaves the hash what it was', async (t) => {
  const absolute = (name: string): string => `/etc/weir/${name}`;
  t.equal(withFiles(undefined, absolute), undefined);
  const options = { server: undefined, tokenFile: 't', caFile: 'c', whenStale: 'keep' } as const;
  t.same(withFiles(options, absolute), { ...options, tokenFile: '/etc/weir/t', caFile: '/etc/weir/c' });
  const bare = { ...options, tokenFile: undefined, caFile: undefined };
  t.same(withFiles(bare, absolute), bare);
  const [without, off, on] = await Promise.all([
    config(),
    config('kubernetes: { identity: false }'),
    config('kubernetes: { identity: true }'),
  ]);
  t.equal(without.kubernetes, undefined);
  t.equal(off.hash, without.hash);
  t.not(on.hash, without.hash);
});
