/**
 * The life of `weir run` once it serves, in one process or with workers: does what signals ask for, follows changes of its
 * files, drains when told to, and says how that went, to systemd as well.
 */
import type { AuditLog } from '#audit/audit-log.ts';
import type { Config } from '#config/config.ts';
import type { Metrics } from '#record/metrics.ts';
import type { Log } from '#record/operational-log.ts';
import { ExitCode } from './exit-codes.ts';
import { watchExpiry } from './expiry-watch.ts';
import { type Reloadable, Reloader } from './reload.ts';
import { ServiceManager } from './service-manager.ts';
import type { Signals } from './signals.ts';
import { warnOfSecrets, watchConfig } from './watched-files.ts';

/** What serves, as its life sees it. */
export interface Server extends Reloadable {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'reloaded'>;
  /** Told what happens to this host; undefined: there is no audit trail. */
  readonly audit: Pick<AuditLog, 'tell'> | undefined;
  /** Whether {@link drain} waits for nothing, as others finish what is open. @default false */
  readonly endsAtOnce?: boolean;
  /** Says that it is about to drain, to whoever asks whether it is ready and to clients on the way. */
  beginDrain(): void;
  /**
   * Takes no more connections, and finishes what is open.
   * @returns whether all of it ended by itself
   */
  drain(): Promise<boolean>;
  /** Cuts what is open, and waits for nothing any more. */
  endAtOnce(): void;
  reopenLogs(): Promise<void>;
}

/** What a life follows. */
export interface LifeParts {
  /** Gives the configuration as it is now. */
  readonly load: () => Promise<Config>;
  readonly signals: Signals;
}

/** Resolves with the exit code when it has drained. */
export async function untilStopped(server: Server, { load, signals }: LifeParts): Promise<number> {
  const { log, metrics } = server;
  const manager = new ServiceManager({ log });
  let isStopping = false;
  // A reload during the drain could open a listener that nobody closes any more.
  const reload = (trigger: string): void => {
    if (!isStopping) void reloader.reload(trigger);
  };
  let watch = watchConfig(server, () => reload('file'));
  const expiry = watchExpiry({ log, config: () => server.config });
  void warnOfSecrets(server);
  const reloader = new Reloader({
    proxy: server,
    log,
    load() {
      manager.reloading();
      return load();
    },
    onResult: (result, change) => {
      metrics.reloaded(result);
      server.audit?.tell({ event: 'policy', result, ...change });
      // By what was in force before, where that failed.
      manager.ready();
    },
    onAdopted: () => {
      watch.close();
      watch = watchConfig(server, () => reload('file'));
      expiry.tell();
      void warnOfSecrets(server);
    },
  });
  signals.follow({
    end: () => server.endAtOnce(),
    reload: () => reload('HUP'),
    reopenLogs: () => void server.reopenLogs().then(() => log.info('Log files reopened')),
  });
  manager.ready();
  const signal = await signals.stopped;
  log.info({ signal }, 'Draining');
  server.audit?.tell({ event: 'drain', signal });
  isStopping = true;
  server.beginDrain();
  await reloader.settled();
  watch.close();
  expiry.close();
  // It would end no sooner than what tells so.
  if (server.endsAtOnce !== true) manager.stopping();
  const isWhole = await server.drain();
  manager.close();
  log.info({ whole: isWhole }, 'Stopped');
  return isWhole ? ExitCode.Done : ExitCode.DrainCutShort;
}
