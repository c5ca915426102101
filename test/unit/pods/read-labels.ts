import t from 'tap';
import { readLabels } from '#pods/read-labels.ts';

t.test('readLabels() sorts them by name, so that the same ones are the same list', async (t) => {
  const list = ['app', 'api', 'tier', 'front'];
  t.strictSame(readLabels({ tier: 'front', app: 'api' }), { labels: list, hasAllLabels: true });
  t.strictSame(readLabels({ app: 'api', tier: 'front' }), { labels: list, hasAllLabels: true });
  t.strictSame(readLabels(undefined), { labels: [], hasAllLabels: true });
});

t.test('readLabels() says when it does not have all', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, 'x']));
  t.match(readLabels(many), { labels: { length: 128 }, hasAllLabels: false });
  t.match(readLabels({ a: 'x'.repeat(64), b: 'y' }), { labels: ['b', 'y'], hasAllLabels: false });
  t.match(readLabels({ a: 7, b: 'y' }), { labels: ['b', 'y'], hasAllLabels: false });
  t.match(readLabels({ ['n'.repeat(318)]: 'x' }), { labels: [], hasAllLabels: false });
});
