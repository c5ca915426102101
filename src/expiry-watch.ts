/** Says ahead of time that a rule will expire: when a configuration is taken up, and once a day. */
import { expiriesOf } from '#acl/expiry.ts';
import type { Config } from '#config/config.ts';
import type { Log } from '#record/operational-log.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface ExpiryParts {
  readonly log: Pick<Log, 'warn'>;
  /** The configuration in force. */
  readonly config: () => Config;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface ExpiryWatch {
  /** To be called when another configuration has come into force. */
  tell(): void;
  close(): void;
}

/** Tells at once, and then daily until it is closed. */
export function watchExpiry({ log, config, now = Date.now }: ExpiryParts): ExpiryWatch {
  const tell = (): void => {
    for (const { rule, untilMs, isOver } of expiriesOf(config().policy.access, now())) {
      const { name, owner, ticket } = rule;
      const facts = { rule: name, until: new Date(untilMs).toISOString(), owner, ticket };
      log.warn(facts, isOver ? 'Rule has expired and never matches' : 'Rule will expire soon');
    }
  };
  const timer = setInterval(tell, DAY_MS);
  // It is no reason for the process to stay.
  timer.unref();
  tell();
  return { tell, close: () => clearInterval(timer) };
}
