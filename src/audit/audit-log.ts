/**
 * Writes an audit trail: gives each record its place in the chain, signs checkpoints, and knows what is written and what is not. How
 * lines get to the disk, wait for room there and move to another file is line-writer's business.
 */
import process from 'node:process';
import { LineWriter, type LineWriterOptions } from '#record/line-writer.ts';
import type { Log } from '#record/operational-log.ts';
import { Seldom } from '#record/seldom.ts';
import { type Body, bodyOf, type Fields } from './canonical.ts';
import { CHECKPOINT_EVERY, type Signer } from './checkpoint.ts';
import { Linker } from './linker.ts';
import { type AuditCalls, SyncedDisk } from './synced-disk.ts';
import type { Trail } from './trail.ts';
import type { TrailEnd } from './trail-end.ts';
import { Waiters } from './waiters.ts';

const CHECKPOINT_EVERY_MS = 60_000;
const REPORT_EVERY_MS = 10_000;
/** A write is dearer than a record, and records that are linked together are cheaper than alone: under load they share it. */
const GATHER_MS = 5;
/** So many who wait are company enough for a write on the main thread. */
const COMPANY = 8;

export interface AuditLogOptions
  extends Pick<LineWriterOptions, 'path' | 'maxQueuedChars' | 'closeTimeoutMs'> {
  /** Name of this hop. */
  readonly hop: string;
  /** Hash of the policy in force at the start. */
  readonly policy: string;
  readonly end: TrailEnd;
  /** Undefined: checkpoints are not signed. */
  readonly signer: Signer | undefined;
  readonly log: Pick<Log, 'info' | 'error'>;
  /** Told how many records have just been lost. */
  readonly onDrop: (records: number) => void;
  /** Told whenever {@link Trail.isFailing} changes. */
  readonly onState?: (isFailing: boolean) => void;
  /** Told that nothing more is written: another may write the file now. Never where a write hangs, which may yet be done. */
  readonly onClosed?: () => void;
  /** @default 60 s */
  readonly checkpointEveryMs?: number;
  readonly patienceMs?: number;
  readonly system?: AuditCalls;
}

export class AuditLog implements Trail {
  readonly #options: AuditLogOptions;
  readonly #writer: LineWriter;
  readonly #disk: SyncedDisk;
  readonly #linker: Linker;
  readonly #waiters: Waiters;
  readonly #troubles = new Seldom(REPORT_EVERY_MS);
  readonly #marks = new Seldom(CHECKPOINT_EVERY_MS);
  readonly #clock: NodeJS.Timeout;
  #isFailing = false;
  /** Records that there was no room for, until a gap tells of them. */
  #lost = 0;
  #unsigned = 0;
  #taken = 0;
  #written = 0;
  #flushing: NodeJS.Timeout | NodeJS.Immediate | undefined = undefined;
  /** Who have come for the next write. */
  #company = 0;
  #flushedMs = Number.NEGATIVE_INFINITY;

  /**
   * Opens the file for append, and puts in that it begins.
   * @throws {Error} naming the file, with what the system says
   */
  constructor(options: AuditLogOptions) {
    const { path, end, policy } = options;
    this.#options = options;
    this.#waiters = new Waiters(() => this.#fail(new Error('a write takes too long')), options.patienceMs);
    this.#disk = new SyncedDisk(
      {
        onFailed: (error) => this.#fail(error),
        onUnsynced: (error) => this.#report('Cannot have the audit trail put on the disk', error),
      },
      options.system,
    );
    try {
      this.#writer = new LineWriter({
        ...options,
        // What comes is gathered already.
        gatherMs: 0,
        system: this.#disk,
        onDrop: options.onDrop,
        onError: (error) => this.#report('Cannot write the audit trail', error),
        onWritten: (lines) => this.#onWritten(lines),
      });
    } catch (cause) {
      throw new Error(`Cannot open audit trail "${path}": ${(cause as Error).message}`, { cause });
    }
    this.#linker = new Linker({
      ...options,
      head: end.head,
      writer: this.#writer,
      onCheckpoint: ({ seq, hash }) =>
        this.#marks.run(() => options.log.info({ seq, hash }, 'Audit checkpoint')),
    });
    if (end.tornBytes > 0) this.tell({ event: 'gap', bytes: end.tornBytes, why: 'a line was cut off' });
    this.tell({ event: 'start', policy });
    this.#clock = setInterval(() => this.#checkpoint(), options.checkpointEveryMs ?? CHECKPOINT_EVERY_MS);
    this.#clock.unref();
    process.once('exit', this.flushSync);
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  append(body: Body): boolean {
    if (this.#lost > 0) this.#tellGap();
    if (this.#lost > 0 || !this.#take(body)) {
      this.#lost += 1;
      this.#options.onDrop(1);
      this.#report('Audit trail lost records', undefined);
      return false;
    }
    if (this.#unsigned >= CHECKPOINT_EVERY) this.#checkpoint();
    return true;
  }

  /** So many records were lost before they came here. */
  lose(records: number): void {
    this.#lost += records;
    this.#options.onDrop(records);
    this.#tellGap();
  }

  /** Puts in what happens to this process. @returns as {@link append} */
  tell(fields: Fields): boolean {
    return this.append(bodyOf({ hop: this.#options.hop, time: new Date().toISOString(), ...fields }));
  }

  async written(): Promise<void> {
    if (this.#isFailing) throw new Error('it is not yet, and could not be a moment ago');
    if (this.#written >= this.#taken) return;
    this.#flushSoon();
    await this.#waiters.wait(this.#taken);
  }

  /** Opens the file anew by its name, after it was rotated away; what was written so far is in the old one. Never rejects. */
  async reopen(): Promise<void> {
    await this.#write();
    await this.#writer.reopen();
    this.tell({ event: 'rotation' });
    await this.#write();
  }

  /** Puts in that this is the end, writes everything for a few seconds at most, and closes the file. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#clock);
    this.tell({ event: 'stop' });
    this.#checkpoint();
    this.#linker.link();
    await this.#writer.close();
    process.off('exit', this.flushSync);
    this.#callOff();
    this.#waiters.fail(new Error('it is closed'));
    if (!this.#disk.isWriting) this.#options.onClosed?.();
  }

  /** For a process that is about to end without warning: writes what it can at once. */
  readonly flushSync = (): void => {
    this.#linker.link();
    this.#writer.flushSync();
  };

  #tellGap(): void {
    const { hop } = this.#options;
    const fields = { event: 'gap', hop, lost: this.#lost, time: new Date().toISOString(), why: 'no room' };
    if (this.#take(bodyOf(fields))) this.#lost = 0;
  }

  /** Whether there is room for it; undefined: a checkpoint. */
  #take(body: Body | undefined): boolean {
    if (!this.#linker.take(body)) return false;
    this.#unsigned += 1;
    this.#taken += 1;
    return true;
  }

  #checkpoint(): void {
    if (this.#unsigned === 0 || !this.#take(undefined)) return;
    this.#unsigned = 0;
    if (!this.#isFailing) void this.#write().then(() => this.#disk.sync());
  }

  #write(): Promise<void> {
    this.#linker.link();
    return this.#writer.flush();
  }

  /** At once where nothing was written for a moment, or enough have come; else together with others. */
  #flushSoon(): void {
    this.#company += 1;
    if (this.#company === COMPANY && this.#disk.isPrompt) this.#callOff();
    if (this.#flushing !== undefined) return;
    const waitMs = this.#company >= COMPANY ? 0 : this.#flushedMs + GATHER_MS - performance.now();
    this.#flushing = waitMs > 0 ? setTimeout(this.#flush, waitMs) : setImmediate(this.#flush);
  }

  #callOff(): void {
    clearTimeout(this.#flushing as NodeJS.Timeout);
    clearImmediate(this.#flushing as NodeJS.Immediate);
    this.#flushing = undefined;
  }

  readonly #flush = (): void => {
    this.#flushing = undefined;
    this.#company = 0;
    this.#flushedMs = performance.now();
    this.#waiters.seal();
    if (!this.#isFailing) void this.#write();
  };

  #onWritten(lines: number): void {
    this.#written += lines;
    this.#setFailing(false);
    this.#waiters.written(this.#written);
  }

  #fail(error: Error): void {
    this.#setFailing(true);
    this.#waiters.fail(error);
  }

  #setFailing(isFailing: boolean): void {
    if (this.#isFailing === isFailing) return;
    this.#isFailing = isFailing;
    const { log, path, onState } = this.#options;
    if (!isFailing) log.info({ path }, 'Audit trail is written again');
    onState?.(isFailing);
  }

  #report(message: string, err: Error | undefined): void {
    const { log, path } = this.#options;
    this.#troubles.run((suppressed) => log.error({ err, path, lost: this.#lost, suppressed }, message));
  }
}
