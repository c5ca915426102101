/**
 * Gauges: what is open and reachable now, read from those who know it when somebody scrapes. A label that is gone from
 * its source, such as a peer that was removed, is gone from the metric.
 */
import { Counter, Gauge, type Registry } from 'prom-client';

/** A peer as it is now. */
export interface PeerState {
  readonly name: string;
  readonly isUp: boolean;
  readonly openTunnels: number;
  /** Connections to it that are ready; undefined where none is to be. */
  readonly standby?: number | undefined;
  /** How many should be. */
  readonly standbyWanted?: number | undefined;
  /** What looks at it have found out; undefined: nobody knows. */
  readonly sight: Readonly<Record<'reachable' | 'authorised' | 'egress', boolean | undefined>>;
}

/** What is kept of answers, in memory or on disk. */
export interface KeptAnswers {
  readonly store: 'memory' | 'disk';
  readonly bytes: number;
  readonly objects: number;
}

/** What looks at peers tell, with the help text of its gauge. */
const SIGHTS = {
  reachable: 'Whether the last look at the peer could connect to it, and had an answer',
  authorised: 'Whether the peer let the last look at it ask',
  egress: 'Whether the last look through the peer reached its target',
} as const;

/** `hash`: of the whole configuration; `rules`: of what decides, without what each host has of its own. */
interface PolicyLabels {
  readonly hash: string;
  readonly rules: string;
}

export interface StateSources {
  connectionsOpen(): number;
  /** How many there may be, by the limit of open files. */
  connectionsMax(): number;
  /** By listener. */
  tunnelsOpen(): Iterable<readonly [listener: string, count: number]>;
  peers(): Iterable<PeerState>;
  /** Peers, and whether each is left alone for being an outlier. */
  ejectedPeers(): Iterable<readonly [peer: string, isEjected: boolean]>;
  /** Routes with peers, and whether all of those rest. */
  degradedRoutes(): Iterable<readonly [route: string, isDegraded: boolean]>;
  /** What tells the policy in force from others. */
  policy(): PolicyLabels;
  /** Rules with an end, and when that is, in seconds since the epoch. */
  expiringRules(): Iterable<readonly [rule: string, seconds: number]>;
  /** Certificates by what they are there for, and when they end, in seconds since the epoch. */
  expiringCertificates(): Iterable<readonly [use: string, seconds: number]>;
  /** Where limits are counted beside here, and whether that is so now. */
  limitStores?(): Iterable<readonly [store: string, isUp: boolean]>;
  /** Where answers are kept, with what they take there. */
  keptAnswers?(): Iterable<KeptAnswers>;
  /** What failed of the cache on disk, and how often; nothing where there is none. */
  cacheFaults?(): Iterable<readonly [fault: string, count: number]>;
  /** Whether the cache on disk is used, and does what is asked of it; undefined: there is none. */
  readonly isCacheDiskUp?: (() => boolean) | undefined;
  /** Keys that limits know, and how often one had to share with others. */
  limitKeys(): Iterable<{ readonly limit: string; readonly keys: number; readonly crowded: number }>;
}

/** A label's value with the value of its gauge. */
type Reading = readonly [label: string, value: number];

type AddGauge = (name: string, label: string, options: { help: string; read(): Iterable<Reading> }) => void;

/** Registers a gauge that has no label. */
function plainGauge(registry: Registry, name: string, options: { help: string; read(): number }): void {
  new Gauge({
    name: `weir_${name}`,
    help: options.help,
    registers: [registry],
    collect() {
      this.set(options.read());
    },
  });
}

/** Registers the gauges. */
export function registerState(registry: Registry, sources: StateSources): void {
  plainGauge(registry, 'connections_open', {
    help: 'Connections of clients',
    read: () => sources.connectionsOpen(),
  });
  plainGauge(registry, 'connections_max', {
    help: 'Connections of clients for which there is room',
    read: () => sources.connectionsMax(),
  });
  const gauge: AddGauge = (name, label, options) => {
    new Gauge({
      name: `weir_${name}`,
      help: options.help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, number] of options.read()) this.set({ [label]: value }, number);
      },
    });
  };
  gauge('tunnels_open', 'listener', { help: 'Tunnels that are open', read: () => sources.tunnelsOpen() });
  registerPeers(gauge, sources);
  registerPolicy(registry, sources);
  registerCache(registry, gauge, sources);
  gauge('rule_expires_timestamp_seconds', 'rule', {
    help: 'When the rule stops matching, since the epoch',
    read: () => sources.expiringRules(),
  });
  gauge('certificate_expires_timestamp_seconds', 'use', {
    help: 'When the certificate expires, since the epoch',
    read: () => sources.expiringCertificates(),
  });
  gauge('limit_store_up', 'store', {
    help: 'Whether limits are counted in the store now, and not by each host its share',
    read: () => [...(sources.limitStores?.() ?? [])].map(asReading),
  });
  gauge('limit_keys', 'limit', {
    help: 'Keys that have something to their account',
    read: () => [...sources.limitKeys()].map(({ limit, keys }) => [limit, keys]),
  });
  new Counter({
    name: 'weir_limit_crowded_total',
    help: 'Times that a key had to be counted with others, for want of room',
    labelNames: ['limit'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { limit, crowded } of sources.limitKeys()) this.inc({ limit }, crowded);
    },
  });
}

function registerPolicy(registry: Registry, sources: StateSources): void {
  new Gauge({
    name: 'weir_policy_info',
    help: 'Always 1; the labels are hashes of the policy in force, and of what of it decides',
    labelNames: ['hash', 'rules'],
    registers: [registry],
    collect() {
      this.reset();
      this.set({ ...sources.policy() }, 1);
    },
  });
}

function registerCache(registry: Registry, gauge: AddGauge, sources: StateSources): void {
  gauge('cache_bytes', 'store', {
    help: 'What kept answers take',
    read: () => [...(sources.keptAnswers?.() ?? [])].map(({ store, bytes }) => [store, bytes]),
  });
  gauge('cache_objects', 'store', {
    help: 'URLs of kept answers in memory, and kept answers on disk',
    read: () => [...(sources.keptAnswers?.() ?? [])].map(({ store, objects }) => [store, objects]),
  });
  const { isCacheDiskUp } = sources;
  if (isCacheDiskUp !== undefined)
    plainGauge(registry, 'cache_disk_up', {
      help: 'Whether the cache on disk is used, and does what is asked of it',
      read: () => Number(isCacheDiskUp()),
    });
  new Counter({
    name: 'weir_cache_disk_faults_total',
    help: 'Times that the cache on disk could not do what it should',
    labelNames: ['fault'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [fault, count] of sources.cacheFaults?.() ?? []) this.inc({ fault }, count);
    },
  });
}

function registerPeers(gauge: AddGauge, sources: StateSources): void {
  gauge('peer_up', 'peer', {
    help: 'Whether the last attempt to use the peer succeeded',
    read: () => [...sources.peers()].map(({ name, isUp }) => [name, isUp ? 1 : 0]),
  });
  gauge('peer_tunnels', 'peer', {
    help: 'Tunnels and requests through the peer',
    read: () => [...sources.peers()].map(({ name, openTunnels }) => [name, openTunnels]),
  });
  gauge('peer_standby', 'peer', {
    help: 'Connections to the peer that were opened ahead and wait',
    read: () =>
      [...sources.peers()].flatMap(({ name, standby }) => (standby === undefined ? [] : [[name, standby]])),
  });
  gauge('peer_standby_wanted', 'peer', {
    help: 'Connections to the peer that should be open ahead',
    read: () =>
      [...sources.peers()].flatMap(({ name, standbyWanted }) =>
        standbyWanted === undefined ? [] : [[name, standbyWanted]],
      ),
  });
  gauge('peer_ejected', 'peer', {
    help: 'Whether the peer is left alone now, since it fails too often',
    read: () => [...sources.ejectedPeers()].map(asReading),
  });
  gauge('route_degraded', 'route', {
    help: 'Whether all peers of the route rest, and are tried all the same',
    read: () => [...sources.degradedRoutes()].map(asReading),
  });
  for (const [what, help] of Object.entries(SIGHTS) as [keyof typeof SIGHTS, string][]) {
    gauge(`peer_${what}`, 'peer', {
      help,
      read: () => [...sources.peers()].flatMap(({ name, sight }) => reading(name, sight[what])),
    });
  }
}

function asReading([name, isSo]: readonly [name: string, isSo: boolean]): Reading {
  return [name, isSo ? 1 : 0];
}

/** None of what nobody knows. */
function reading(name: string, known: boolean | undefined): Reading[] {
  return known === undefined ? [] : [[name, known ? 1 : 0]];
}
