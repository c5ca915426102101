/**
 * Tells systemd how the program fares (sd_notify(3)): ready, reloading, stopping, and alive as often as its watchdog wants to hear.
 * Without systemd nothing is told to nobody. Node has no sockets of the kind that it takes, so that systemd's own `systemd-notify` says it
 * (docs/adr/0021).
 */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { type ServiceManagerWishes, serviceManagerWishes } from '#config/service-manager.ts';
import type { Log } from '#record/operational-log.ts';

/** It waits for systemd to have read what it says; who takes longer hangs. */
const TELL_LIMIT_MS = 10_000;

/** Hands lines such as `READY=1` to systemd. */
export type Tell = (lines: readonly string[]) => Promise<unknown>;

export interface ServiceManagerParts {
  readonly log: Pick<Log, 'warn'>;
  /** @default what the environment says */
  readonly wishes?: ServiceManagerWishes;
  /** @default by `systemd-notify` */
  readonly tell?: Tell;
}

export class ServiceManager {
  readonly #log: ServiceManagerParts['log'];
  readonly #wishes: ServiceManagerWishes;
  readonly #tell: Tell;
  /** One after the other, so that the last one told is how it is. */
  #told: Promise<void> = Promise.resolve();
  #watchdog: NodeJS.Timeout | undefined = undefined;
  #hasFailed = false;

  constructor({ log, wishes = serviceManagerWishes(), tell = tellBySystemdNotify }: ServiceManagerParts) {
    this.#log = log;
    this.#wishes = wishes;
    this.#tell = tell;
  }

  /** It serves, from the start or after a reload, and says from now on that it is alive. */
  ready(): void {
    this.#say('READY=1', 'STATUS=Serving');
    const { watchdogMs } = this.#wishes;
    if (watchdogMs === undefined || this.#watchdog !== undefined) return;
    this.#watchdog = setInterval(() => this.#say('WATCHDOG=1'), watchdogMs / 2);
    // It is no reason for the process to stay.
    this.#watchdog.unref();
  }

  /** Until it is ready again. */
  reloading(): void {
    // The clock of hrtime is the one that systemd compares with.
    this.#say('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, 'STATUS=Reloading');
  }

  /** It takes no more connections, and ends when those that are open have. */
  stopping(): void {
    this.#say('STOPPING=1', 'STATUS=Draining');
  }

  /** Says no more that it is alive. */
  close(): void {
    clearInterval(this.#watchdog);
  }

  #say(...lines: readonly string[]): void {
    if (!this.#wishes.isTold) return;
    this.#told = this.#told
      .then(() => this.#tell(lines))
      .then(
        () => {},
        (err) => this.#warn(err),
      );
  }

  /** Once: it would be the same each time. */
  #warn(err: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#log.warn({ err }, 'Cannot tell systemd how the service fares, is systemd-notify installed?');
  }
}

function tellBySystemdNotify(lines: readonly string[]): Promise<unknown> {
  return promisify(execFile)('systemd-notify', lines, { timeout: TELL_LIMIT_MS });
}
