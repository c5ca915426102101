/**
 * One process's share of the serving: a proxy with its records, from the first connection to the last. Follows no signal and
 * no file; the process on its own (serve.ts) or the supervisor (worker.ts) says when to drain and when to end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CacheQuestion, CacheReply } from '#cache/question.ts';
import type { Config } from '#config/config.ts';
import { ASSERTION_RESULTS } from '#hop/results.ts';
import { MemoryStore, SYSTEM_CLOCK } from '#limit/memory-store.ts';
import { createResolver } from '#net/resolver.ts';
import { ClusterWatch, clusterStateOf } from '#pods/cluster-watch.ts';
import type { PodDirectory } from '#pods/pod-directory.ts';
import { openDirectory, openTierSize } from '#pods/pod-reports.ts';
import { answerCache } from '#proxy/answer-cache.ts';
import { HANDSHAKE_CAUSES } from '#proxy/handshakes.ts';
import type { ProxyParts } from '#proxy/parts.ts';
import { RunningProxy } from '#proxy/start.ts';
import { stateOf } from '#proxy/state-of.ts';
import { RedisStore } from '#redis/store.ts';
import { type AuditParts, openServiceRecords, type ServiceRecords } from './service-records.ts';

/** What processes of one host share. */
export type SharedParts = AuditParts &
  Pick<
    ProxyParts,
    | 'instance'
    | 'ticketSecret'
    | 'takeSocket'
    | 'onPeerHealth'
    | 'areProbedElsewhere'
    | 'seat'
    | 'limitStore'
    | 'onCacheChanged'
    | 'pods'
  > & {
    /** Whether the store that {@link limitStore} asks counts now. */
    readonly isLimitStoreUp?: () => boolean;
  };

export class Service {
  readonly records: ServiceRecords;
  readonly proxy: RunningProxy;
  readonly pods: PodDirectory;
  /** Undefined where another process has it. */
  readonly #clusterWatch: ClusterWatch | undefined;
  readonly #redis: RedisStore | undefined;
  /** Nothing is waited for any more. */
  readonly #atOnce = new AbortController();

  /** @throws {Error} with `exitCode` 78: a log file cannot be opened */
  constructor(config: Config, shared: SharedParts = {}) {
    this.records = openServiceRecords(config, shared);
    const { log, peerLog, metrics, recorder, auditor } = this.records;
    this.pods = shared.pods ?? openDirectory(log);
    this.#clusterWatch = shared.pods === undefined ? this.#openWatch() : undefined;
    const tierSize = openTierSize(log, this.pods);
    const isHere = shared.limitStore === undefined && config.limitStore !== undefined;
    this.#redis = isHere ? new RedisStore(config.limitStore, log, () => tierSize.count) : undefined;
    this.proxy = new RunningProxy({
      ...shared,
      limitStore: shared.limitStore ?? this.#redis ?? new MemoryStore(SYSTEM_CLOCK, () => tierSize.count),
      pods: this.pods,
      watchCluster: (cluster) => this.#clusterWatch?.follow(cluster),
      config,
      log,
      recorder,
      auditor,
      openResolver: (options) => createResolver(options, { onQuery: (result) => metrics.dnsQuery(result) }),
      onPeerFault: (peer, reason) => metrics.peerFailed(peer, reason),
      onPeerFound: shared.onPeerHealth === undefined ? (finding) => peerLog.found(finding) : undefined,
      onPeerEjected: (peer, forMs, reason) => {
        metrics.peerEjected(peer);
        log.warn({ peer, for_ms: forMs, reason }, 'Peer ejected: it fails too often');
      },
      onRetryRefused: (route) => metrics.retryRefused(route),
      onForgedField: (field) => metrics.fieldForged(field),
      onAssertion: (result) => metrics.assertionSeen(result),
      onLimitHit: (limit) => metrics.limitHit(limit),
      onWrongCredentials: () => metrics.credentialsWrong(),
      onHandshakeFailed: (listener, cause) => metrics.handshakeFailed(listener, cause),
      onUnknownClient: () => metrics.pods.unknown(),
      onProbe: () => metrics.probed(),
      onRefusedConnection: () => metrics.connectionRefused(),
    });
    this.#foresee(config);
    const { context } = this.proxy;
    metrics.pods.observe(() => ({
      ...clusterStateOf(context.generation.config, this.pods),
      // Those of a host's workers are told by their supervisor.
      sharers: shared.limitStore === undefined ? tierSize.sharersOf(context.generation.config) : undefined,
    }));
    const isStoreUp = (): boolean => this.#redis?.isUp ?? shared.isLimitStoreUp?.() ?? false;
    metrics.observeState(
      stateOf(context, {
        countsLimits: shared.limitStore === undefined || config.limitStore !== undefined,
        limitStores: () => (config.limitStore === undefined ? [] : [['redis', isStoreUp()]]),
      }),
    );
  }

  #openWatch(): ClusterWatch {
    const { log, metrics } = this.records;
    return new ClusterWatch(
      { log, metrics: metrics.pods },
      {
        onPods: (news) => this.pods.take(news),
        onNamespaces: (news) => this.pods.namespaces.take(news),
      },
    );
  }

  #foresee({ listeners, limits }: Config): void {
    this.records.metrics.foresee({
      listeners: listeners.map(({ name }) => name),
      secure: listeners.filter(({ tls }) => tls !== undefined).map(({ name }) => name),
      handshakeCauses: HANDSHAKE_CAUSES,
      limits: Object.keys(limits),
      assertions: ASSERTION_RESULTS,
    });
  }

  /** Puts a configuration in force. @throws {Error} why that cannot be; all is as before */
  async adopt(config: Config): Promise<void> {
    const { kubernetes } = this.proxy.config;
    await this.#clusterWatch?.foresee(config.kubernetes, this.pods.namespaces);
    try {
      await this.proxy.adopt(config);
      this.#foresee(config);
    } catch (error) {
      this.#clusterWatch?.follow(kubernetes);
      this.pods.heed(kubernetes);
      throw error;
    }
  }

  /** Tells clients on the way that this is about to end. */
  beginDrain(): void {
    this.proxy.context.drain.isClosing = true;
  }

  /**
   * Accepts on for `delayMs`, then finishes what is open.
   * @returns whether all of it ended by itself
   */
  async drain(delayMs: number): Promise<boolean> {
    this.beginDrain();
    await delay(delayMs, undefined, { signal: this.#atOnce.signal }).catch(() => {});
    const isIdle = await this.proxy.drain();
    await this.#endPods();
    return isIdle && !this.#atOnce.signal.aborted;
  }

  /** What this process says of what it keeps. */
  answerCache(question: CacheQuestion): Promise<CacheReply> {
    return answerCache(this.proxy.context, question);
  }

  /** Another process takes this one's place: it drains, and what it keeps on disk is the other's. */
  leave(): void {
    this.beginDrain();
    this.proxy.context.cache.leave();
  }

  /** Cuts what is open, and waits for nothing any more. */
  endAtOnce(): void {
    this.#atOnce.abort();
    this.proxy.context.drain.cutAll();
  }

  /** Gives up what had been opened when the start failed: a listener left open would keep the process alive. */
  async abandon(): Promise<void> {
    this.endAtOnce();
    await this.proxy.drain();
    await this.#endPods();
    await this.records.close();
  }

  async #endPods(): Promise<void> {
    await this.#clusterWatch?.stop();
    this.pods.clear();
    await this.#redis?.close();
  }
}
