/**
 * Says ahead of time that a rule or a certificate will expire: when a configuration is taken up, and once a day; and when it
 * has come to that.
 */
import { expiriesOf } from '#acl/expiry.ts';
import { nearEnds } from '#config/certificate-ends.ts';
import type { Config } from '#config/config.ts';
import type { Log } from '#record/operational-log.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** So that a timer that is early does not find it still to come. */
const AFTER_MS = 1000;

export interface ExpiryParts {
  readonly log: Pick<Log, 'warn' | 'error'>;
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
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    clearTimeout(timer);
    const nowMs = now();
    tellRules(config(), log, nowMs);
    tellCertificates(config(), log, nowMs);
    timer = setTimeout(tell, waitMs(config(), nowMs));
    // It is no reason for the process to stay.
    timer.unref();
  };
  tell();
  return { tell, close: () => clearTimeout(timer) };
}

function tellRules({ policy }: Config, log: ExpiryParts['log'], nowMs: number): void {
  for (const { rule, untilMs, isOver } of expiriesOf(policy.access, nowMs)) {
    const { name, owner, ticket } = rule;
    const facts = { rule: name, until: new Date(untilMs).toISOString(), owner, ticket };
    log.warn(facts, isOver ? 'Rule has expired and never matches' : 'Rule will expire soon');
  }
}

function tellCertificates({ certificates }: Config, log: ExpiryParts['log'], nowMs: number): void {
  for (const { use, untilMs, isOver } of nearEnds(certificates, nowMs)) {
    const facts = { use, until: new Date(untilMs).toISOString() };
    if (isOver) log.error(facts, 'Certificate has expired, whoever checks it refuses it');
    else log.warn(facts, 'Certificate will expire soon');
  }
}

/** Until the next day, or until something ends before that. */
function waitMs({ policy, certificates }: Config, nowMs: number): number {
  let nextMs = nowMs + DAY_MS;
  for (const endMs of [
    ...policy.access.map(({ until }) => until),
    ...certificates.map(({ untilMs }) => untilMs),
  ]) {
    if (endMs !== undefined && endMs > nowMs) nextMs = Math.min(nextMs, endMs + AFTER_MS);
  }
  return nextMs - nowMs;
}
