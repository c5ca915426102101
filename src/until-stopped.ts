/**
 * The life of `weir run` once it serves, in one process or with workers: does what signals ask for, follows changes of its
 * files, drains when told to, and says how that went, to systemd as well.
 */
import type { Config } from '#config/config.ts';
import { CacheControl } from './cache-control.ts';
import { ExitCode } from './exit-codes.ts';
import { watchExpiry } from './expiry-watch.ts';
import { Reloader } from './reload.ts';
import type { Server } from './server.ts';
import { ServiceManager } from './service-manager.ts';
import type { Signals } from './signals.ts';
import { warnOfSecrets, watchConfig } from './watched-files.ts';

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
  const control = new CacheControl(server);
  void control.heed(server.config);
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
    onAdopted: (config) => {
      void control.heed(config);
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
  // Another process may take its place from here on.
  await control.close();
  watch.close();
  expiry.close();
  // It would end no sooner than what tells so.
  if (server.endsAtOnce !== true) manager.stopping();
  const isWhole = await server.drain();
  manager.close();
  log.info({ whole: isWhole }, 'Stopped');
  return isWhole ? ExitCode.Done : ExitCode.DrainCutShort;
}
