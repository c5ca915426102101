/**
 * A running proxy: its shared parts, its listeners, its reloads and its end. Knows nothing of signals, admin pages or
 * where records go, so that a test can run it whole.
 */
import { randomBytes } from 'node:crypto';
import type { Config } from '#config/config.ts';
import { openLimits } from '#limit/limit.ts';
import { MemoryStore } from '#limit/memory-store.ts';
import type { LimitStore } from '#limit/quota.ts';
import { BufferPool } from '#net/buffers.ts';
import { IdleSockets } from '#net/idle-sockets.ts';
import { Ledger } from '#net/ledger.ts';
import { openFilesLimit, socketBudget } from '#net/open-files.ts';
import { OwnAddresses } from '#net/own-addresses.ts';
import { type OwnHost, ownPort } from '#net/own-ports.ts';
import { HttpPool } from '#net/pool.ts';
import { Wheel } from '#net/wheel.ts';
import { Winners } from '#net/winners.ts';
import type { PeerTools } from '#peer/dial-peer.ts';
import type { PeerReport } from '#peer/peer-watch.ts';
import { Prober } from '#peer/prober.ts';
import { Standbys } from '#peer/standbys.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import type { ProxyContext } from './context.ts';
import { Crowd } from './crowd.ts';
import { Drain } from './drain.ts';
import { warnOfForeignSources } from './foreign-sources.ts';
import { buildGeneration, type Generation, type GenerationParts } from './generation.ts';
import { JudgementDays } from './judgement-days.ts';
import { Listeners } from './listeners.ts';
import { openCache } from './open-cache.ts';
import type { ProxyParts } from './parts.ts';
import { pastFields } from './past-fields.ts';
import { peerSlots } from './peer-slots.ts';
import { generationTools } from './peer-tools.ts';

export class RunningProxy {
  readonly context: ProxyContext;
  readonly listeners: Listeners;
  readonly judgementDays: JudgementDays;
  readonly #prober: Prober;
  readonly #standbys: Standbys;
  readonly #parts: ProxyParts;
  readonly #limitStore: LimitStore;
  readonly #ownHost: OwnHost;
  readonly #pods: PodDirectory;
  /** The real one, where the system chose it. A reload cannot change it. */
  #adminPort: number;

  constructor(parts: ProxyParts) {
    this.#parts = parts;
    this.#limitStore = parts.limitStore ?? new MemoryStore();
    this.#ownHost = parts.ownHost ?? new OwnAddresses();
    this.#pods = parts.pods ?? new PodDirectory();
    const { config, log, recorder, onForgedField, onAssertion, onLimitHit, onWrongCredentials } = parts;
    const { budget = socketBudget(openFilesLimit()), instance = randomBytes(4).toString('hex') } = parts;
    this.#adminPort = config.admin.port;
    const ledger = new Ledger();
    const tools = { pool: new BufferPool(), ledger, wheel: new Wheel(), idle: new IdleSockets(budget.idle) };
    this.context = {
      hop: config.name,
      pseudonym: `${config.name}-${instance}`,
      tools,
      http: new HttpPool(tools),
      winners: new Winners(),
      recorder,
      auditor: parts.auditor,
      cache: openCache(config.cache, parts),
      pastFields: pastFields(config.name),
      crowd: new Crowd({ ledger, max: budget.clients, log, onRefused: parts.onRefusedConnection }),
      limitStore: this.#limitStore,
      drain: new Drain(),
      onForgedField,
      onAssertion,
      onLimitHit,
      onWrongCredentials,
      onHandshakeFailed: parts.onHandshakeFailed,
      onUnknownClient: parts.onUnknownClient ?? (() => {}),
      ticketSecret: parts.ticketSecret ?? randomBytes(32).toString('hex'),
      onProbe: parts.onProbe,
      log,
      generation: this.#build(config, undefined),
      now: parts.now ?? Date.now,
      round: 0,
    };
    this.#tendCache(config);
    this.judgementDays = new JudgementDays(this.context);
    const peerTools = (): PeerTools => generationTools(this.context);
    this.#standbys = new Standbys({ tools: peerTools, seat: parts.seat ?? { index: 0, count: 1 } });
    this.#prober = new Prober({
      tools: peerTools,
      via: `1.1 ${this.context.pseudonym}`,
    });
    this.listeners = new Listeners(this.context, parts.takeSocket);
  }

  /** The one in force. */
  get config(): Config {
    return this.context.generation.config;
  }

  /**
   * Takes traffic. `adminPort` is where the admin server listens, which the guard has to know.
   * @throws {Error} where an address cannot be bound
   */
  async start(adminPort = this.#adminPort): Promise<void> {
    const { config } = this.#parts;
    this.#adminPort = adminPort;
    await this.listeners.listenOn(config.listeners, () => {});
    this.#learnPorts(config);
    warnOfForeignSources(config, this.context.log);
    this.judgementDays.begin();
    this.#tendPeers();
    // A reload that begins to ask for them takes nobody's traffic away.
    if (config.kubernetes?.watchesNamespaces === true) this.#pods.namespaces.expect();
    this.#tendPods(config);
  }

  /**
   * Puts a configuration in force for transactions that begin from now on: built first, then listened on, then swapped, so
   * that a fault on the way leaves all as it was. Transactions under way keep theirs, and with it a
   * resolver: it is not closed, which would take their answers away, but goes with the last of them.
   */
  async adopt(config: Config): Promise<void> {
    const next = this.#build(config, this.context.generation);
    await this.listeners.listenOn(config.listeners, () => {
      this.context.generation = next;
    });
    this.#learnPorts(config);
    warnOfForeignSources(config, this.context.log);
    this.#tendCache(config);
    for (const listener of this.listeners.all) listener.configure(config.timeouts);
    this.judgementDays.begin();
    this.#tendPeers();
    this.#tendPods(config);
  }

  /** Takes over what another process of this host has found out about a peer. */
  learnPeer(report: PeerReport): void {
    const { generation, tools } = this.context;
    generation.peers.get(report.name)?.learn(report, tools.wheel.now());
  }

  /** Only when it listens the ports are known that the system chose, and the guard has to know them. */
  #learnPorts(config: Config): void {
    const isChosen = [...config.listeners, config.admin].some(({ port }) => port === 0);
    if (isChosen) this.context.generation = this.#build(config, this.context.generation);
  }

  /**
   * Takes no more connections and waits for what is under way.
   * @returns whether all of it ended by itself in the time that `timeouts.drain` gives
   */
  async drain(): Promise<boolean> {
    this.listeners.close();
    this.#prober.stop();
    this.#standbys.stop();
    const isIdle = await this.context.drain.drain(this.context.generation.config.timeouts.drain);
    this.judgementDays.stop();
    await this.listeners.end();
    await this.context.http.destroy();
    await this.context.cache.settle();
    this.context.generation.resolver.close();
    return isIdle;
  }

  #tendPeers(): void {
    this.#standbys.watch(this.context.generation.peers.values());
    if (this.#parts.areProbedElsewhere !== true) this.#prober.watch(this.context.generation.peers.values());
  }

  /** Where no rule has a cache nobody keeps anything that could change. */
  #tendCache({ policy }: Config): void {
    const isUsed = policy.access.some(({ cache }) => cache);
    this.context.cache.onChanged = isUsed ? this.#parts.onCacheChanged : undefined;
  }

  #tendPods({ kubernetes }: Config): void {
    this.#parts.watchCluster?.(kubernetes);
    this.#pods.heed(kubernetes);
  }

  #build(config: Config, previous: Generation | undefined): Generation {
    const { openResolver, onPeerFault, onPeerHealth, onPeerEjected, onPeerFound } = this.#parts;
    const { onRetryRefused, seat } = this.#parts;
    return buildGeneration(config, {
      previous,
      openResolver,
      openLimits: (options, before = new Map()) => openLimits(options, before, this.#limitStore),
      peerWatch: {
        onFault: onPeerFault,
        onHealth: onPeerHealth,
        onEjected: onPeerEjected,
        onFound: onPeerFound,
      },
      onRetryRefused,
      slotsOf: (options) => peerSlots(options, this.#limitStore),
      processes: seat?.count ?? 1,
      ownPorts: this.#ownPorts(config, previous !== undefined),
      ownHost: this.#ownHost,
      directory: this.#pods,
    });
  }

  /** `isBound`: whether there are listeners, whose ports the system may have chosen. */
  #ownPorts(config: Config, isBound: boolean): GenerationParts['ownPorts'] {
    const admin = { host: config.admin.host, port: this.#adminPort };
    const configured = [...config.listeners, admin].map(({ host, port }) => ownPort(host, port));
    const bound = isBound ? this.listeners.ownPorts() : [];
    return [...configured, ...bound];
  }
}
