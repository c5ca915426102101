import t from 'tap';
import { renderCacheStatus } from '#cache/cache-status.ts';

t.test('renderCacheStatus() says what became of a request', async (t) => {
  t.equal(renderCacheStatus({ hop: 't2', ttl: 60 }), 't2;hit;ttl=60');
  t.equal(renderCacheStatus({ hop: 't2', ttl: -5, detail: 'x' }), 't2;hit;ttl=-5;detail=x');
  t.equal(
    renderCacheStatus({ hop: 't2', forwarded: 'stale', forwardStatus: 304, ttl: 9, isStored: true }),
    't2;fwd=stale;fwd-status=304;ttl=9;stored',
  );
  t.equal(
    renderCacheStatus({ hop: 't2', forwarded: 'uri-miss', isCollapsed: true }),
    't2;fwd=uri-miss;collapsed',
  );
  t.equal(
    renderCacheStatus({ hop: 't2', forwarded: 'method', gives: 'error', detail: 'x' }),
    't2;fwd=method;detail=x',
  );
  t.equal(renderCacheStatus({ hop: 't2', gives: 'error', detail: 'not_cached' }), 't2;detail=not_cached');
});

t.test('renderCacheStatus() quotes a name that is no token', async (t) => {
  t.equal(renderCacheStatus({ hop: '2nd' }), '"2nd";hit');
});
