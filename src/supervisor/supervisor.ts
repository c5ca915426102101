/**
 * What there is once on a host however many workers serve: the listening sockets, standard output, the health of peers, the
 * counts of limits and the answer to a scrape. Sees no traffic; when to drain or reload is for who composes it (supervise.ts).
 */
import { randomBytes } from 'node:crypto';
import type { Config } from '#config/config.ts';
import { Lender } from '#limit/lender.ts';
import type { SharedOutput } from '#record/open.ts';
import { Crew } from './crew.ts';
import { HostAudit } from './host-audit.ts';
import { HostPeers } from './host-peers.ts';
import { HostPods } from './host-pods.ts';
import { closeSockets, type Orders, ownPortsOf } from './orders.ts';
import { Scrape } from './scrape.ts';
import { WorkerProcess } from './worker-process.ts';

export interface SupervisorParts {
  readonly config: Config;
  readonly count: number;
  /** Opens what a configuration listens on, but for what is open. @throws {Error} what cannot be, and why; nothing stays open */
  readonly draft: (config: Config, previous?: Orders) => Orders;
  readonly output: SharedOutput;
  /** Undefined: there is no audit trail. */
  readonly audit?: ConstructorParameters<typeof HostAudit>[0] | undefined;
}

export class Supervisor {
  readonly scrape: Scrape;
  readonly #output: SharedOutput;
  readonly #draft: SupervisorParts['draft'];
  readonly #crew: Crew;
  readonly #lender = new Lender<WorkerProcess>(undefined, () => this.#pods.tierSize.count);
  /** One for all processes, so that a request that comes back to another worker is a loop as well. */
  readonly #instance = randomBytes(4).toString('hex');
  /** One for all processes, so that each takes up the TLS sessions of the others. */
  readonly #ticketSecret = randomBytes(32).toString('hex');
  #config: Config;
  readonly #peers: HostPeers;
  readonly #pods: HostPods;
  readonly #audit: HostAudit<WorkerProcess> | undefined;
  readonly #seats = new WeakMap<WorkerProcess, number>();
  #adminPort: number;

  /** Binds what is listened on. @throws {NodeJS.ErrnoException} where an address cannot be bound */
  constructor({ config, count, draft, output, audit }: SupervisorParts) {
    const { log, metrics } = output;
    this.#config = config;
    this.#adminPort = config.admin.port;
    this.#output = output;
    this.#draft = draft;
    this.#peers = this.#watchPeers(config);
    this.#audit = audit && new HostAudit(audit, (worker, news) => worker.tell({ kind: 'audit', news }));
    this.#pods = new HostPods(output, (order) => this.#tell(order));
    this.#crew = new Crew(
      {
        count,
        log,
        fork: () => this.#fork(),
        beginning: (worker) => ({
          instance: this.#instance,
          ticketSecret: this.#ticketSecret,
          adminPort: this.#adminPort,
          seat: { index: this.#seatOf(worker), count },
          peers: this.#peers.reports,
          ...this.#pods.beginning,
        }),
        onGone: (worker) => {
          this.scrape.keep(worker);
          this.#lender.forget(worker);
        },
        onCrash: () => metrics.workerCrashed(),
      },
      draft(config),
    );
    this.scrape = new Scrape(metrics, () => this.#crew.all);
    metrics.observeState({
      connectionsOpen: () => 0,
      connectionsMax: () => 0,
      tunnelsOpen: () => [],
      peers: () => this.#peers.all,
      // Each of its workers tells what it leaves alone (record/merged-metrics.ts).
      ejectedPeers: () => [],
      degradedRoutes: () => [],
      policyHash: () => this.#config.hash,
      // Its workers tell them.
      expiringRules: () => [],
      expiringCertificates: () => [],
      // The room at peers is lent as well, and is no limit of the configuration.
      limitKeys: () => {
        const { limits, limitStore } = this.#config;
        return limitStore === undefined
          ? this.#lender.keyCounts().filter(({ limit }) => limit in limits)
          : [];
      },
    });
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** Process ids of those that take new connections. */
  get workers(): readonly (number | undefined)[] {
    return this.#crew.serving.map(({ pid }) => pid);
  }

  /** What is known of pods, where they are to be. */
  get knownPods(): HostPods['known'] {
    return this.#pods.known;
  }

  get peers(): HostPeers['all'] {
    return this.#peers.all;
  }

  /** The real address of each listener. */
  get listeners() {
    const sockets = [...this.#crew.orders.sockets.values()];
    return this.#config.listeners.map(({ name }, index) => {
      const { address } = sockets[index] as (typeof sockets)[number];
      return { name, address };
    });
  }

  /** Starts the workers; `adminPort` is the real one, that they must not dial. @throws {Error} why one cannot serve */
  async start(adminPort: number): Promise<void> {
    this.#adminPort = adminPort;
    this.#pods.start(this.#config);
    await this.#crew.start();
    this.#peers.start();
  }

  /** Has all workers serve by another configuration, or none. @throws {Error} why that cannot be; all is as before */
  async adopt(config: Config): Promise<void> {
    const before = this.#crew.orders;
    const next = this.#draft(config, before);
    try {
      await this.#pods.foresee(config);
      await this.#crew.adopt(next);
    } catch (error) {
      this.#pods.follow(this.#config);
      closeSockets(next, before);
      throw error;
    }
    closeSockets(before, next);
    this.#lender.keep(config.limits);
    this.#peers.adopt(config);
    this.#pods.follow(config);
    this.#config = config;
  }

  /**
   * Lets go of the addresses, which workers still accept on as long as they are told to, and has them finish.
   * @returns whether all of it ended by itself
   */
  async drain(): Promise<boolean> {
    this.#peers.stop();
    closeSockets(this.#crew.orders);
    const isWhole = await this.#crew.stop();
    await this.#pods.stop();
    return isWhole;
  }

  endAtOnce(): void {
    this.#crew.endAtOnce();
  }

  async reopenLogs(): Promise<void> {
    await Promise.all(this.#crew.all.map((worker) => worker.reopenLogs()));
  }

  #watchPeers(config: Config): HostPeers {
    const { log, peerLog, metrics } = this.#output;
    return new HostPeers({
      config,
      instance: this.#instance,
      ownPorts: () => ownPortsOf(this.#crew.orders, this.#adminPort),
      onHealth: (report) => this.#tellPeer(report),
      onFault: (peer, reason) => metrics.peerFailed(peer, reason),
      onFound: (finding) => peerLog.found(finding),
      onEjected: (peer, forMs, reason) => {
        metrics.peerEjected(peer);
        log.warn({ peer, for_ms: forMs, reason }, 'Peer ejected: it fails too often');
      },
    });
  }

  #fork(): WorkerProcess {
    const worker = new WorkerProcess({
      onPeer: (report) => this.#spread(report),
      onAsks: (asks) => {
        const grants = this.#lender.answer(worker, asks, this.#crew.all.length);
        if (grants.length > 0) worker.tell({ kind: 'limits', grants });
      },
      onAudit: (batch) => this.#audit?.take(worker, batch),
      onLine: (line) => this.#output.writeLine(line),
    });
    this.#audit?.inform(worker);
    return worker;
  }

  /** Whether the audit trail can be written has changed. */
  spreadAuditState(): void {
    for (const worker of this.#crew.all) this.#audit?.inform(worker);
  }

  /** The first that nobody has who stays. */
  #seatOf(worker: WorkerProcess): number {
    const others = this.#crew.staying.filter((other) => other !== worker);
    const taken = new Set(others.map((other) => this.#seats.get(other)));
    let index = 0;
    while (taken.has(index)) index += 1;
    this.#seats.set(worker, index);
    return index;
  }

  /** What one worker has found out about a peer is told to all, in the order in which it came: so they end up agreeing. */
  #spread(report: Parameters<HostPeers['learn']>[0]): void {
    this.#peers.learn(report);
    this.#tellPeer(report);
  }

  #tellPeer(report: Parameters<HostPeers['learn']>[0]): void {
    this.#tell({ kind: 'peer', report });
  }

  #tell(order: Parameters<WorkerProcess['tell']>[0]): void {
    for (const worker of this.#crew.all) worker.tell(order);
  }
}
