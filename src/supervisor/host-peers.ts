/**
 * The peers as all workers of a host see them: what one has found out is told to all, and the looks at peers are taken here, once
 * for all of them.
 */
import type { Config } from '#config/config.ts';
import { BufferPool } from '#net/buffers.ts';
import { IdleSockets } from '#net/idle-sockets.ts';
import { Ledger } from '#net/ledger.ts';
import { createResolver, type Resolver } from '#net/resolver.ts';
import { Wheel } from '#net/wheel.ts';
import type { PeerTools } from '#peer/dial-peer.ts';
import { buildPeers, type Peer } from '#peer/peer.ts';
import type { PeerReport, PeerWatch } from '#peer/peer-watch.ts';
import { Prober } from '#peer/prober.ts';

export interface HostPeersParts extends PeerWatch {
  readonly config: Config;
  /** Of this host, for Via. */
  readonly instance: string;
  /** On which this host takes connections, as it is when a look begins. */
  readonly ownPorts: () => PeerTools['ownPorts'];
}

export class HostPeers {
  readonly #parts: HostPeersParts;
  readonly #prober: Prober;
  readonly #tools = {
    pool: new BufferPool(),
    ledger: new Ledger(),
    wheel: new Wheel(),
    idle: new IdleSockets(0),
  };
  #config: Config;
  #peers: ReadonlyMap<string, Peer>;
  #resolver: Resolver | undefined = undefined;

  constructor(parts: HostPeersParts) {
    const { config, instance } = parts;
    this.#parts = parts;
    this.#config = config;
    this.#peers = buildPeers(Object.values(config.peers), { watch: parts });
    this.#prober = new Prober({
      tools: () => this.#peerTools(),
      via: `1.1 ${config.name}-${instance}`,
    });
  }

  get all(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** Begins to look at those that ask for it. */
  start(): void {
    this.#prober.watch(this.#peers.values());
  }

  stop(): void {
    this.#prober.stop();
    this.#resolver?.close();
    this.#resolver = undefined;
  }

  /** Goes by another configuration. */
  adopt(config: Config): void {
    const isSame = JSON.stringify(config.dns) === JSON.stringify(this.#config.dns);
    this.#peers = buildPeers(Object.values(config.peers), { previous: this.#peers, watch: this.#parts });
    this.#config = config;
    if (!isSame) {
      this.#resolver?.close();
      this.#resolver = undefined;
    }
    this.start();
  }

  /** A worker has found something out. */
  learn(report: PeerReport): void {
    this.#peers.get(report.name)?.learn(report, this.#tools.wheel.now());
  }

  /** What a worker that begins has to know. */
  get reports(): readonly PeerReport[] {
    const now = this.#tools.wheel.now();
    return this.all.filter((peer) => !peer.isDue(now) || !peer.isUp).map((peer) => peer.report(now));
  }

  #peerTools(): PeerTools {
    this.#resolver ??= createResolver(this.#config.dns);
    const resolver = this.#resolver;
    return {
      ...this.#tools,
      resolve: (host) => resolver.known(host) ?? resolver.resolve(host),
      connectTimeoutMs: this.#config.timeouts.connect,
      ownPorts: this.#parts.ownPorts(),
    };
  }
}
