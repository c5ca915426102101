import t from 'tap';
import { nameOf, readNamespace } from '#pods/namespace.ts';
import { v1Namespace } from '../../fixtures/pods.ts';

t.test('readNamespace() keeps the name and the labels', async (t) => {
  t.strictSame(readNamespace(v1Namespace('api', { team: 'a', egress: 'microsoft' })), {
    name: 'api',
    labels: ['egress', 'microsoft', 'team', 'a'],
    hasAllLabels: true,
  });
  t.match(readNamespace(v1Namespace('api')), { labels: [], hasAllLabels: true });
});

t.test('readNamespace() keeps one that is being deleted, for its pods are still there', async (t) => {
  const { metadata } = v1Namespace('api', { team: 'a' });
  const going = { metadata: { ...metadata, deletionTimestamp: '2026-11-23T10:00:00Z' } };
  t.match(readNamespace(going), { name: 'api', labels: ['team', 'a'] });
});

for (const value of [undefined, [], 'x', {}, { metadata: { name: '' } }, { metadata: { name: 7 } }]) {
  t.test(`readNamespace() and nameOf() make nothing of ${JSON.stringify(value)}`, async (t) => {
    t.equal(readNamespace(value), undefined);
    t.equal(nameOf(value), undefined);
  });
}

t.test('nameOf() reads the name alone', async (t) => {
  t.equal(nameOf({ metadata: { name: 'api' } }), 'api');
  t.equal(nameOf({ metadata: { name: 'x'.repeat(64) } }), undefined);
});
