import t from 'tap';
import { ReadyCounts } from '#pods/ready-counts.ts';

const WEIR = { namespace: 'intra-proxy', serviceAccount: 'weir' };

t.test('ReadyCounts counts those that are ready, by account', async (t) => {
  const counts = new ReadyCounts();
  const ready = { identity: WEIR, isReady: true };
  counts.add(ready);
  counts.add(ready);
  counts.add({ identity: WEIR, isReady: false });
  counts.add({ identity: { ...WEIR, namespace: 'api' }, isReady: true });
  t.equal(counts.of(WEIR), 2);
  counts.remove({ identity: WEIR, isReady: false });
  counts.remove(ready);
  t.equal(counts.of(WEIR), 1);
  counts.remove(ready);
  t.equal(counts.of(WEIR), 0);
  t.equal(counts.of({ ...WEIR, namespace: 'api' }), 1);
});
