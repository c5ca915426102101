/**
 * The composition root: builds everything from one configuration, binds, serves, follows signals and file changes, and
 * ends when the last tunnel has. Decides nothing about traffic.
 */
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, type AdminOptions, startAdmin } from '#admin/server.ts';
import { configIn } from '#config/built-in.ts';
import type { Config } from '#config/config.ts';
import { watchFiles } from '#config/watch.ts';
import { hostPort } from '#net/authority.ts';
import { createResolver } from '#net/resolver.ts';
import { RunningProxy } from '#proxy/start.ts';
import { openRecords, type Records } from '#record/open.ts';
import { Reloader } from './reload.ts';
import { followSignals } from './signals.ts';

export interface ServeOptions {
  /** Undefined: the built-in configuration. */
  readonly configFile: string | undefined;
}

/** Exit codes of docs/commands.md. */
const DONE = 0;
const CANNOT_BIND = 69;
const CANNOT_BE_LOADED = 78;
const DRAIN_CUT_SHORT = 75;

/**
 * Serves until a signal says otherwise. Resolves with the exit code.
 * @throws {ConfigError} the configuration cannot be loaded
 * @throws {Error} with `exitCode` 69: an address cannot be bound; 78: a log file cannot be opened
 */
export async function serve({ configFile }: ServeOptions): Promise<number> {
  const load = (): Promise<Config> => configIn(configFile);
  const config = await load();
  const records = openLogs(config);
  const server = new Server(config, records);
  try {
    await server.start();
  } catch (error) {
    await server.abandon();
    await records.close();
    throw Object.assign(error as Error, { exitCode: CANNOT_BIND });
  }
  const exitCode = await server.untilStopped(load);
  await records.close();
  return exitCode;
}

/** A log that the configuration names and that cannot be written is a mistake in the configuration. */
function openLogs(config: Config): Records {
  try {
    return openRecords({ name: config.name, ...config.log });
  } catch (error) {
    throw Object.assign(error as Error, { exitCode: CANNOT_BE_LOADED });
  }
}

class Server {
  readonly #records: Records;
  readonly #proxy: RunningProxy;
  #admin: Admin | undefined = undefined;
  #state: 'starting' | 'serving' | 'draining' = 'starting';
  /** A second signal: waits for nothing any more. */
  readonly #atOnce = new AbortController();

  constructor(config: Config, records: Records) {
    this.#records = records;
    const { metrics } = records;
    this.#proxy = new RunningProxy({
      config,
      log: records.log,
      recorder: records.recorder,
      openResolver: (options) => createResolver(options, { onQuery: (result) => metrics.dnsQuery(result) }),
      onPeerFault: (peer, reason) => metrics.peerFailed(peer, reason),
      onForgedField: (field) => metrics.fieldForged(field),
      onRefusedConnection: () => metrics.connectionRefused(),
    });
    const { context } = this.#proxy;
    metrics.observeState({
      connectionsOpen: () => context.tools.ledger.open('client'),
      tunnelsOpen: () => context.drain.tunnels,
      peers: () => [...context.generation.peers.values()],
      policyHash: () => context.generation.policy.hash,
    });
  }

  /** @throws {Error} where an address cannot be bound */
  async start(): Promise<void> {
    const { config } = this.#proxy.context.generation;
    // Before any traffic, which must not reach it: the guard is told its port.
    this.#admin = await startAdmin({
      ...config.admin,
      health: () => this.#health(),
      metrics: this.#records.metrics,
      log: this.#records.log,
    });
    await this.#proxy.start(this.#admin.address.port);
    this.#state = 'serving';
    this.#announce(config);
  }

  /** Gives up what {@link start} had opened when it failed: a listener left open would keep the process alive. */
  async abandon(): Promise<void> {
    this.#endAtOnce();
    await this.#proxy.drain();
    await this.#admin?.close();
  }

  /** Follows signals and files until told to stop, drains, and says how that went. */
  async untilStopped(load: () => Promise<Config>): Promise<number> {
    const { log, metrics } = this.#records;
    // A reload during the drain could open a listener that nobody closes any more.
    const reload = (trigger: string): void => {
      if (this.#state === 'serving') void reloader.reload(trigger);
    };
    let watch = this.#watch(this.#proxy.context.generation.config, () => reload('file'));
    const reloader = new Reloader({
      proxy: this.#proxy,
      load,
      onResult: (result) => metrics.reloaded(result),
      onAdopted: (config) => {
        watch.close();
        watch = this.#watch(config, () => reload('file'));
      },
    });
    const stopped = Promise.withResolvers<string>();
    followSignals({
      stop: (signal) => stopped.resolve(signal),
      end: () => this.#endAtOnce(),
      reload: () => reload('HUP'),
      reopenLogs: () => void this.#reopenLogs(),
    });
    log.info({ signal: await stopped.promise }, 'Draining');
    this.#state = 'draining';
    this.#proxy.context.drain.isClosing = true;
    await reloader.settled();
    watch.close();
    const isWhole = await this.#drain();
    log.info({ whole: isWhole }, 'Stopped');
    return isWhole ? DONE : DRAIN_CUT_SHORT;
  }

  #health(): ReturnType<AdminOptions['health']> {
    const ready = this.#state === 'serving';
    return { ready, reasons: ready ? [] : [this.#state] };
  }

  async #drain(): Promise<boolean> {
    const { drainDelay } = this.#proxy.context.generation.config.timeouts;
    await delay(drainDelay, undefined, { signal: this.#atOnce.signal }).catch(() => {});
    const isIdle = await this.#proxy.drain();
    await this.#admin?.close();
    return isIdle && !this.#atOnce.signal.aborted;
  }

  async #reopenLogs(): Promise<void> {
    await this.#records.reopen();
    this.#records.log.info('Log files reopened');
  }

  #endAtOnce(): void {
    this.#atOnce.abort();
    this.#proxy.context.drain.cutAll();
  }

  #watch(config: Config, onChange: () => void): { close(): void } {
    const { log } = this.#records;
    return watchFiles(config.files, onChange, {
      digests: config.digests,
      onMissing: (file) =>
        log.warn({ file }, 'A watched file cannot be read, the configuration in force stays'),
    });
  }

  #announce(config: Config): void {
    const addresses = this.#proxy.listeners.all.map(({ options, address }) => ({
      name: options.name,
      address: textOf(address),
    }));
    const admin = this.#admin && textOf(this.#admin.address);
    this.#records.log.info({ listeners: addresses, admin, policy: config.hash }, 'Serving');
    if (config.file !== undefined) return;
    const [first] = addresses;
    process.stderr.write(
      `Weir listens on ${first?.address}. Try:\n  curl -v -x http://${first?.address} https://example.com/\n`,
    );
  }
}

function textOf({ address, port }: AddressInfo): string {
  return hostPort(address, port);
}
