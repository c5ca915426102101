/**
 * What there is once on a host however many workers serve: the listening sockets, standard output, the health of peers, the
 * counts of limits and the answer to a scrape. Sees no traffic; when to drain or reload is for who composes it (supervise.ts).
 */
import { randomBytes } from 'node:crypto';
import { Lender } from '#limit/lender.ts';
import type { SharedOutput } from '#record/open.ts';
import { HostAudit } from './host-audit.ts';
import { HostCaches } from './host-caches.ts';
import { HostPeers } from './host-peers.ts';
import { HostPods } from './host-pods.ts';
import { closeSockets, type Orders, ownPortsOf } from './orders.ts';
import type { Hello } from './protocol.ts';
import { Scrape } from './scrape.ts';
import { type Member, Staff, type StaffParts } from './staff.ts';

type Config = Orders['config'];

export interface SupervisorParts {
  readonly config: Config;
  readonly count: number;
  /** Opens what a configuration listens on, but for what is open. @throws {Error} what cannot be, and why; nothing stays open */
  readonly draft: (config: Config, previous?: Orders) => Orders;
  readonly output: SharedOutput;
  /** Undefined: there is no audit trail. */
  readonly audit?: ConstructorParameters<typeof HostAudit>[0] | undefined;
  /** Where what outlives this process is found by the next one; undefined: there is none. */
  readonly directory: string | undefined;
}

export class Supervisor {
  readonly scrape: Scrape;
  readonly caches = new HostCaches<Member>(() => this.#staff.all);
  readonly #output: SharedOutput;
  readonly #draft: SupervisorParts['draft'];
  readonly #staff: Staff;
  readonly #lender = new Lender<Member>(undefined, () => this.#pods.tierSize.count);
  /** One for all processes, so that a request that comes back to another worker is a loop as well. */
  readonly #instance = randomBytes(4).toString('hex');
  /** One for all processes, so that each takes up the TLS sessions of the others. */
  readonly #ticketSecret = randomBytes(32).toString('hex');
  #config: Config;
  readonly #peers: HostPeers;
  readonly #pods: HostPods;
  readonly #audit: HostAudit<Member> | undefined;
  #adminPort: number;

  /** Binds what is listened on. @throws {NodeJS.ErrnoException} where an address cannot be bound */
  constructor({ config, count, draft, output, audit, directory }: SupervisorParts) {
    const { log, metrics } = output;
    this.#config = config;
    this.#adminPort = config.admin.port;
    this.#output = output;
    this.#draft = draft;
    this.#peers = this.#watchPeers(config);
    this.#audit = audit && new HostAudit(audit, (member, news) => member.tell({ kind: 'audit', news }));
    this.#pods = new HostPods(output, (order) => this.#staff.tell(order));
    this.#staff = new Staff(
      {
        count,
        log,
        directory,
        beginning: () => ({
          instance: this.#instance,
          ticketSecret: this.#ticketSecret,
          adminPort: this.#adminPort,
          peers: this.#peers.reports,
          ...this.#pods.beginning,
        }),
        eventsOf: (member) => this.#eventsOf(member),
        onCome: (member, hello) => this.#welcome(member, hello),
        onGone: (member) => {
          this.scrape.keep(member);
          this.#lender.forget(member);
        },
        onCrash: () => metrics.workerCrashed(),
      },
      draft(config),
    );
    this.scrape = new Scrape(metrics, () => this.#staff.all, directory);
    metrics.observeState({
      connectionsOpen: () => 0,
      connectionsMax: () => 0,
      tunnelsOpen: () => [],
      peers: () => this.#peers.all,
      // Each of its workers tells what it leaves alone (record/merged-metrics.ts).
      ejectedPeers: () => [],
      degradedRoutes: () => [],
      policy: () => ({ hash: this.#config.hash, rules: this.#config.rulesHash }),
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
    return this.#staff.crew.serving.map(({ pid }) => pid);
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
    const sockets = [...this.#staff.crew.orders.sockets.values()];
    return this.#config.listeners.map(({ name }, index) => {
      const { address } = sockets[index] as (typeof sockets)[number];
      return { name, address };
    });
  }

  /** Starts the workers; `adminPort` is the real one, that they must not dial. @throws {Error} why one cannot serve */
  async start(adminPort: number): Promise<void> {
    this.#adminPort = adminPort;
    this.#pods.start(this.#config);
    await this.#staff.start();
    this.#peers.start();
  }

  /** Has all workers serve by another configuration, or none. @throws {Error} why that cannot be; all is as before */
  async adopt(config: Config): Promise<void> {
    const before = this.#staff.crew.orders;
    const next = this.#draft(config, before);
    try {
      await this.#pods.foresee(config);
      await this.#staff.crew.adopt(next);
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
    closeSockets(this.#staff.crew.orders);
    const isWhole = await this.#staff.stop();
    this.#audit?.close();
    await this.#pods.stop();
    return isWhole;
  }

  /** Leaves to the workers what is open, for another supervisor to take over, with the sockets that were handed over, and what they count. */
  async leave(): Promise<void> {
    this.#peers.stop();
    closeSockets(this.#staff.crew.orders);
    await Promise.all([this.#staff.leave(), this.#pods.stop(), this.scrape.handOver()]);
    this.#audit?.close();
  }

  /** Lets go of the workers, when what they had handed over is written, as they are told. */
  async part(): Promise<void> {
    await this.#staff.part((member) => ({
      kind: 'audit',
      news: this.#audit?.newsFor(member) ?? { written: 0, isFailing: false },
    }));
  }

  endAtOnce(): void {
    this.#staff.endAtOnce();
  }

  reopenLogs(): Promise<void> {
    return this.#staff.reopenLogs();
  }

  #watchPeers(config: Config): HostPeers {
    const { log, peerLog, metrics } = this.#output;
    return new HostPeers({
      config,
      instance: this.#instance,
      ownPorts: () => ownPortsOf(this.#staff.crew.orders, this.#adminPort),
      onHealth: (report) => this.#tellPeer(report),
      onFault: (peer, reason) => metrics.peerFailed(peer, reason),
      onFound: (finding) => peerLog.found(finding),
      onEjected: (peer, forMs, reason) => {
        metrics.peerEjected(peer);
        log.warn({ peer, for_ms: forMs, reason }, 'Peer ejected: it fails too often');
      },
    });
  }

  #eventsOf(member: () => Member): ReturnType<StaffParts['eventsOf']> {
    return {
      onPeer: (report) => this.#spread(report),
      onAsks: (asks) => {
        const grants = this.#lender.answer(member(), asks, this.#staff.all.length);
        if (grants.length > 0) member().tell({ kind: 'limits', grants });
      },
      onAudit: (batch) => this.#audit?.take(member(), batch),
      onChanged: (changed) => this.caches.spread(member(), changed),
      onLine: (line) => this.#output.writeLine(line),
    };
  }

  /** One that has come back holds what is counted here from now on, and is told what its own supervisor would have. */
  #welcome(member: Member, hello: Hello | undefined): void {
    this.#audit?.inform(member);
    if (hello === undefined) return;
    this.#lender.restore(member, hello.holdings);
    for (const report of this.#peers.reports) member.tell({ kind: 'peer', report });
    const { pods, namespaces } = this.#pods.beginning;
    if (pods !== undefined) member.tell({ kind: 'pods', news: pods });
    if (namespaces !== undefined) member.tell({ kind: 'namespaces', news: namespaces });
  }

  /** Whether the audit trail can be written has changed. */
  spreadAuditState(): void {
    for (const member of this.#staff.all) this.#audit?.inform(member);
  }

  /** What one worker has found out about a peer is told to all, in the order in which it came: so they end up agreeing. */
  #spread(report: Parameters<HostPeers['learn']>[0]): void {
    this.#peers.learn(report);
    this.#tellPeer(report);
  }

  #tellPeer(report: Parameters<HostPeers['learn']>[0]): void {
    this.#staff.tell({ kind: 'peer', report });
  }
}
