/** Readiness that goes by peers: it would never come back where nobody looks whether they are up again. */
import type { Outline } from './outline.ts';
import type { Flaw } from './problems.ts';

/** Flaws of what the admin server says of peers. */
export function checkPeers({ readiness, routes, peers = [] }: Outline): Flaw[] {
  if (readiness?.name !== 'peers') return [];
  const { path } = readiness;
  const used = new Set(routes.flatMap((route) => route.peers.map(({ name }) => name)));
  if (used.size === 0) {
    const message = 'Readiness goes by the peers, but no route has any';
    return [{ path, at: 'value', message, fix: 'Remove the key' }];
  }
  const unseen = peers.filter(({ name, hasHealth }) => used.has(name) && !hasHealth);
  if (unseen.length === 0) return [];
  const names = unseen.map(({ name }) => `"${name}"`).join(', ');
  const message = `Readiness goes by the peers, but nobody looks at ${names}`;
  return [{ path, at: 'value', message, fix: 'Add health: {} to each peer that a route names' }];
}
