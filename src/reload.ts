/**
 * Takes over a new configuration, whole or not at all: what cannot be loaded, listened on, or changed without a restart
 * leaves the old one in force and says so in log and metric.
 */
import type { Config } from '#config/config.ts';
import { ConfigError, formatProblem } from '#config/problems.ts';
import type { Log } from '#record/operational-log.ts';

/** What cannot change while the process runs. */
const RESTART_KEYS = ['name', 'workers', 'admin', 'log', 'cache', 'limitStore'] as const;

/** On the audit trail; the log has them all. */
const PROBLEMS_KEPT = 8;

/** Who serves by a configuration. */
export interface Reloadable {
  /** The one in force. */
  readonly config: Config;
  /** Puts another in force. @throws {Error} why that cannot be; the old one stays */
  adopt(config: Config): Promise<void>;
}

export interface ReloadParts {
  readonly proxy: Reloadable;
  readonly log: Log;
  readonly load: () => Promise<Config>;
  /** Told of the configuration that is in force from now on. */
  readonly onAdopted: (config: Config) => void;
  readonly onResult: (result: 'success' | 'failure', change: Change) => void;
}

/** What a reload came to. */
export interface Change {
  readonly trigger: string;
  /** Hashes of the policy in force after it, and before. */
  readonly policy: string;
  readonly before: string;
  readonly problems?: readonly string[];
}

export class Reloader {
  readonly #parts: ReloadParts;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /** Reloads, after any reload that is under way. Never rejects. */
  reload(trigger: string): Promise<void> {
    this.#running = this.#running.then(() => this.#reload(trigger));
    return this.#running;
  }

  /** Resolves when no reload is under way. Never rejects. */
  settled(): Promise<void> {
    return this.#running;
  }

  async #reload(trigger: string): Promise<void> {
    const { proxy, log, load, onAdopted, onResult } = this.#parts;
    const old = proxy.config;
    try {
      const config = await load();
      refuseRestartKeys(old, config);
      refuseExpired(old, config);
      await proxy.adopt(config);
      onAdopted(config);
      onResult('success', { trigger, policy: config.hash, before: old.hash });
      log.info({ trigger, policy: config.hash, before: old.hash }, 'Configuration reloaded');
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems.map(formatProblem) : [messageOf(error)];
      onResult('failure', {
        trigger,
        policy: old.hash,
        before: old.hash,
        problems: problems.slice(0, PROBLEMS_KEPT),
      });
      log.error(
        { trigger, problems, policy: old.hash },
        'Cannot reload the configuration, the old one serves on',
      );
    }
  }
}

function refuseRestartKeys(old: Config, next: Config): void {
  const keys = RESTART_KEYS.filter((key) => JSON.stringify(old[key]) !== JSON.stringify(next[key]));
  const changed = keys.map((key) => (key === 'limitStore' ? 'limits.store' : key));
  if (changed.length > 0) throw new Error(`A change of ${changed.join(', ')} needs a restart`);
}

/** An expired certificate keeps nobody from another policy; but it does not take the place of one that is good. */
function refuseExpired(old: Config, next: Config): void {
  const nowMs = Date.now();
  const good = new Set(old.certificates.filter(({ untilMs }) => untilMs > nowMs).map(({ use }) => use));
  const worse = next.certificates.find(({ use, untilMs }) => untilMs <= nowMs && good.has(use));
  if (worse === undefined) return;
  const until = new Date(worse.untilMs).toISOString();
  throw new Error(`The certificate for ${worse.use} expired at ${until}, and the one in force has not`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
