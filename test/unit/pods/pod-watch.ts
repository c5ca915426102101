import t from 'tap';
import { ApiServer } from '../../fixtures/api-server.ts';
import { Watching } from '../../fixtures/pod-watch.ts';
import { v1Pod } from '../../fixtures/pods.ts';

const A = '10.4.0.7';

t.test('it knows what there is, and follows changes', async (t) => {
  await using api = await ApiServer.start();
  api.put(v1Pod({ uid: 'u1', ips: [A] }));
  api.put(v1Pod({ uid: 'over', ips: ['10.4.0.9'], phase: 'Succeeded' }));
  await using watching = new Watching({ server: api.url });
  await watching.until(A, 'u1');
  t.equal(watching.directory.isSynced, true);
  t.equal(watching.directory.size, 1);
  t.match(api.requests[0], /fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed/);
  await api.untilWatched();
  api.put(v1Pod({ uid: 'u2', ips: ['10.4.0.8'] }));
  await watching.until('10.4.0.8', 'u2');
  api.put(v1Pod({ uid: 'u1', ips: [A], phase: 'Failed' }));
  await watching.until(A, undefined);
  api.put(v1Pod({ uid: 'u2', ips: ['10.4.0.8'], isTerminating: true }));
  await watching.until('10.4.0.8', undefined);
  api.remove('u2');
  api.put(v1Pod({ uid: 'u3', ips: [A], started: 9 }));
  await watching.until(A, 'u3');
  api.put({ ...v1Pod({ ips: [A] }), metadata: { uid: 'u3', name: 7 } });
  await watching.until(A, undefined);
  t.same(watching.restarts, []);
});

t.test('an address that changes hands while nobody listens is the newcomer’s', async (t) => {
  await using api = await ApiServer.start();
  api.put(v1Pod({ uid: 'old', ips: [A] }));
  await using watching = new Watching({ server: api.url });
  await watching.until(A, 'old');
  await api.untilWatched();
  api.drop();
  await api.untilWatched(0);
  api.remove('old');
  api.put(v1Pod({ uid: 'new', ips: [A], started: 60 }));
  await watching.until(A, 'new');
  t.same(watching.restarts, ['disconnected']);
  t.equal(api.asked.lists, 1, 'the watch went on from where it was');
});
