/** What a scrape reads of a running proxy: how it is at that moment, by the generation then in force. */
import type { CacheDesk } from '#cache/desk.ts';
import { keyCounts } from '#limit/limit.ts';
import type { KeptAnswers, StateSources } from '#record/state-metrics.ts';
import type { ProxyContext } from './context.ts';

/** `countsLimits`: whether limits are counted in this process, which then tells of their keys. */
export function stateOf(
  context: ProxyContext,
  {
    countsLimits,
    limitStores,
  }: Required<Pick<StateSources, 'limitStores'>> & { readonly countsLimits: boolean },
): StateSources {
  const now = (): number => context.tools.wheel.now();
  const { backed } = context.cache;
  return {
    connectionsOpen: () => context.tools.ledger.open('client'),
    connectionsMax: () => context.crowd.max,
    tunnelsOpen: () => context.drain.tunnels,
    peers: () => [...context.generation.peers.values()],
    ejectedPeers: () =>
      [...context.generation.peers.values()].map((peer) => [peer.name, peer.isEjected(now())]),
    degradedRoutes: () =>
      context.generation.routes.flatMap(({ name, selector }) =>
        selector === undefined ? [] : [[name, selector.isDegraded(now())]],
      ),
    policy: () => {
      const { hash, rulesHash } = context.generation.config;
      return { hash, rules: rulesHash };
    },
    expiringRules: () =>
      context.generation.policy.rules
        .filter(({ untilMs }) => Number.isFinite(untilMs))
        .map(({ name, untilMs }) => [name, untilMs / 1000]),
    expiringCertificates: () =>
      context.generation.config.certificates.map(({ use, untilMs }) => [use, untilMs / 1000]),
    limitStores,
    keptAnswers: () => keptAnswers(context.cache),
    cacheFaults: () => faultsOf(context.cache),
    isCacheDiskUp: backed && (() => backed.disk.isUp),
    limitKeys: () => (countsLimits ? keyCounts(context.generation.limits) : []),
  };
}

function* keptAnswers({ store, backed }: CacheDesk): Generator<KeptAnswers> {
  yield { store: 'memory', bytes: store.bytes, objects: store.size };
  if (backed !== undefined) yield { store: 'disk', bytes: backed.disk.bytes, objects: backed.disk.size };
}

function faultsOf({ backed }: CacheDesk): Iterable<readonly [string, number]> {
  if (backed === undefined) return [];
  const { disk, refusals } = backed;
  return [...disk.faults, ['dropped', disk.drops], ['crowded', refusals]];
}
