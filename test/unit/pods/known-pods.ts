import t from 'tap';
import { KnownPods } from '#pods/known-pods.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { pod } from '../../fixtures/pods.ts';
import { ip } from '../../fixtures/subject.ts';

const A = ip('10.4.0.7');

t.test('a configuration goes by pods, or not, when nothing was heard for long', async (t) => {
  let now = 1;
  const directory = new PodDirectory({ now: () => now, staleMs: 1000, patienceMs: 1 });
  directory.take({ isAll: true, changes: [pod({ ips: [A.text] })], ageMs: 0 });
  const keeping = new KnownPods({ whenStale: 'keep' }, directory);
  const forgetting = new KnownPods({ whenStale: 'unknown' }, directory);
  for (const pods of [keeping, forgetting]) t.match(pods.identityOf(A), { uid: 'u1' });
  t.equal(keeping.identityOf(ip('10.4.0.8')), undefined);
  await keeping.untilKnown(ip('10.4.0.8'));
  now = 5000;
  directory.take({ isAll: false, changes: [], ageMs: 4000 });
  t.equal(directory.isStale, true);
  t.match(keeping.identityOf(A), { uid: 'u1' });
  t.equal(forgetting.identityOf(A), undefined);
  t.equal(forgetting.untilKnown(ip('10.4.0.9')), undefined);
  directory.clear();
});
