import t from 'tap';
import { kubernetesOptions, withFiles } from '#config/assemble-kubernetes.ts';
import { config } from '../../fixtures/config.ts';

t.test('kubernetesOptions() are none where pods are not watched', async (t) => {
  const acls = { api: { namespaces: ['api'] } };
  t.equal(kubernetesOptions({ kubernetes: { identity: false, whenStale: 'keep' }, acls }), undefined);
  const kubernetes = { identity: true, apiServer: 'https://a', whenStale: 'keep' } as const;
  const options = { server: 'https://a', tokenFile: undefined, caFile: undefined, whenStale: 'keep' };
  t.same(kubernetesOptions({ kubernetes, acls }), { ...options, watchesNamespaces: false });
});

t.test('kubernetesOptions() have namespaces watched where an ACL asks for their labels', async (t) => {
  const acls = { api: { namespaces: ['api'] }, web: { namespaceLabels: { team: ['web'] } } };
  const kubernetes = { identity: true, whenStale: 'keep' } as const;
  t.match(kubernetesOptions({ kubernetes, acls }), { watchesNamespaces: true });
  t.equal(kubernetesOptions({ kubernetes: { ...kubernetes, identity: false }, acls }), undefined);
});

t.test('withFiles() makes paths absolute, and leaves the hash what it was', async (t) => {
  const absolute = (name: string): string => `/etc/weir/${name}`;
  t.equal(withFiles(undefined, absolute), undefined);
  const files = { server: undefined, tokenFile: 't', caFile: 'c' };
  const options = { ...files, whenStale: 'keep', watchesNamespaces: false } as const;
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
