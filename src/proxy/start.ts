/**
 * A running proxy: its shared parts, its listeners, its reloads and its end. Knows nothing of signals, admin pages or
 * where records go, so that a test can run it whole.
 */
import { randomBytes } from 'node:crypto';
import type { Config } from '#config/config.ts';
import { BufferPool } from '#net/buffers.ts';
import { IdleSockets } from '#net/idle-sockets.ts';
import { Ledger } from '#net/ledger.ts';
import { openFilesLimit, type SocketBudget, socketBudget } from '#net/open-files.ts';
import { HttpPool } from '#net/pool.ts';
import type { Resolver } from '#net/resolver.ts';
import { Wheel } from '#net/wheel.ts';
import type { OnPeerFault } from '#peer/peer.ts';
import type { Recorder } from '#record/entry.ts';
import type { Log } from '#record/operational-log.ts';
import type { ProxyContext } from './context.ts';
import { Crowd } from './crowd.ts';
import { Drain } from './drain.ts';
import { buildGeneration, type Generation } from './generation.ts';
import { Listeners, ownPort } from './listeners.ts';

/** What the proxy is given. */
export interface ProxyParts {
  readonly config: Config;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly openResolver: (options: Config['dns']) => Resolver;
  readonly onPeerFault: OnPeerFault;
  readonly onForgedField: ProxyContext['onForgedField'];
  /** Told of a connection for which there is no room. */
  readonly onRefusedConnection: () => void;
  /** @default what the limit of open files allows */
  readonly budget?: SocketBudget;
}

export class RunningProxy {
  readonly context: ProxyContext;
  readonly listeners: Listeners;
  readonly #parts: ProxyParts;
  /** The real one, where the system chose it. A reload cannot change it. */
  #adminPort: number;

  constructor(parts: ProxyParts) {
    this.#parts = parts;
    const { config, log, recorder, onForgedField, budget = socketBudget(openFilesLimit()) } = parts;
    this.#adminPort = config.admin.port;
    const ledger = new Ledger();
    const idle = new IdleSockets(budget.idle);
    const tools = { pool: new BufferPool(), ledger, wheel: new Wheel(), idle };
    this.context = {
      hop: config.name,
      pseudonym: `${config.name}-${randomBytes(4).toString('hex')}`,
      tools,
      http: new HttpPool(tools),
      recorder,
      crowd: new Crowd({ ledger, max: budget.clients, log, onRefused: parts.onRefusedConnection }),
      drain: new Drain(),
      onForgedField,
      log,
      generation: this.#build(config, undefined),
    };
    this.listeners = new Listeners(this.context);
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
    for (const listener of this.listeners.all) listener.configure(config.timeouts);
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
    const isIdle = await this.context.drain.drain(this.context.generation.config.timeouts.drain);
    await this.listeners.end();
    await this.context.http.destroy();
    this.context.generation.resolver.close();
    return isIdle;
  }

  #build(config: Config, previous: Generation | undefined): Generation {
    const { openResolver, onPeerFault } = this.#parts;
    const admin = { host: config.admin.host, port: this.#adminPort };
    const configured = [...config.listeners, admin].map(({ host, port }) => ownPort(host, port));
    const bound = previous === undefined ? [] : this.listeners.ownPorts();
    return buildGeneration(config, {
      previous,
      openResolver,
      onPeerFault,
      ownPorts: [...configured, ...bound],
    });
  }
}
