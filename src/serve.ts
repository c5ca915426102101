/**
 * The composition root of `weir run`: loads the configuration, and serves by it in this process, or in workers where it asks
 * for more than one, or for sockets of systemd's. Decides nothing about traffic.
 */
import { configIn } from '#config/built-in.ts';
import type { Config } from '#config/config.ts';
import { inCluster } from '#config/in-cluster.ts';
import { countOfWorkers, type Workers } from '#config/workers.ts';
import { prepareCacheFolder } from './cache-folder.ts';
import { ReplayFolder } from './replay-folder.ts';
import type { Signals } from './signals.ts';

export interface ServeOptions {
  /** Undefined: the built-in configuration. */
  readonly configFile: string | undefined;
  /** In place of what the configuration says. */
  readonly workers?: Workers | undefined;
  readonly signals: Signals;
}

/**
 * Serves until a signal says otherwise. Resolves with the exit code.
 * @throws {ConfigError} the configuration cannot be loaded, or is for a cluster and this is none
 * @throws {BindFault} an address cannot be bound
 * @throws {PassedSocketFault} a socket was not handed over
 * @throws {UnsuitableNode} this is not a Node for Weir
 * @throws {StoppedAtStart} a signal came before it served
 * @throws {Error} with `exitCode` 78: a log file cannot be opened, or used assertions or answers not be kept
 */
export async function serve({ configFile, workers, signals }: ServeOptions): Promise<number> {
  const folder = new ReplayFolder();
  const load = async (): Promise<Config> => {
    const config = inCluster(await configIn(configFile));
    return folder.place(workers === undefined ? config : Object.freeze({ ...config, workers }));
  };
  try {
    const config = await load();
    prepareCacheFolder(config);
    signals.stopping.throwIfAborted();
    const count = countOfWorkers(config.workers);
    const life = { load, signals };
    // Each loads what it needs: clients may wait for the next supervisor.
    if (count === 1 && !takesOver(config)) {
      const { serveAlone } = await import('./serve-alone.ts');
      return await serveAlone(config, life);
    }
    const { supervise } = await import('./supervise.ts');
    return await supervise({ config, count, ...life });
  } finally {
    folder.remove();
  }
}

/** What systemd hands over a supervisor holds, even where one worker is enough: its next generation has to find it open. */
function takesOver({ listeners }: Config): boolean {
  return listeners.some(({ socket }) => socket !== undefined);
}
