import t from 'tap';
import { checkPeers } from '#config/crosscheck-peers.ts';
import { outline, told } from '../../fixtures/config.ts';

function found(peers: string, routes: string, readiness = 'peers'): readonly string[] {
  return told(checkPeers(outline(`admin: { readiness: ${readiness} }\npeers: ${peers}\nroutes: ${routes}`)));
}

const ROUTES = '[{ peers: [a, b] }, { direct: true }]';

t.test('checkPeers() wants a look at each peer by which readiness goes', async (t) => {
  t.same(found('{ a: { health: {} }, b: { health: {} }, unused: {} }', ROUTES), []);
  t.same(found('{ a: {}, b: { health: {} } }', ROUTES), [
    'admin.readiness: Readiness goes by the peers, but nobody looks at "a". Add health: {} to each peer that a route names',
  ]);
  t.same(found('{ a: {}, b: {} }', ROUTES, 'process'), []);
  t.same(told(checkPeers(outline('peers: { a: {} }'))), []);
});

t.test('checkPeers() wants peers where readiness goes by them', async (t) => {
  t.same(found('{}', '[{ direct: true }]'), [
    'admin.readiness: Readiness goes by the peers, but no route has any. Remove the key',
  ]);
  t.same(found('nothing', ROUTES), [], 'what cannot be read is told elsewhere');
});
