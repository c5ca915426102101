/**
 * What a supervisor and one worker say to each other, whatever carries it: it asks and waits for answers within a limit, and hears what
 * the worker says unasked.
 */
import type { TrailBatch } from '#audit/remote-trail.ts';
import type { Changed } from '#cache/changes.ts';
import type { CacheQuestion, CacheReply } from '#cache/question.ts';
import type { Ask } from '#limit/lending.ts';
import type { PeerReport } from '#peer/peer-watch.ts';
import type { Snapshot } from '#record/merged-metrics.ts';
import type { Order, Report, Request } from './protocol.ts';
import { Requests } from './requests.ts';

const METRICS_LIMIT_MS = 1_000;
const REOPEN_LIMIT_MS = 30_000;
/** Of all that is kept under a host, on a disk too. */
const CACHE_LIMIT_MS = 15_000;
/** Clients wait for the next supervisor. Who hangs accepts nothing either, and finds out when it hangs no more. */
const LEAVE_LIMIT_MS = 200;

/** Who hears what a worker says unasked. */
export interface WorkerEvents {
  readonly onPeer: (report: PeerReport) => void;
  /** What it needs of limits. */
  readonly onAsks: (asks: readonly Ask[]) => void;
  /** What it has for the audit trail. */
  readonly onAudit: (batch: TrailBatch) => void;
  /** What is not to be used any more, of what others keep. */
  readonly onChanged: (changed: Changed) => void;
  /** A line for standard output. */
  readonly onLine: (line: string) => void;
}

export interface TalkParts extends WorkerEvents {
  /** What the worker is called in what is said about it. */
  readonly who: () => string;
  /** Sends an order; false: the worker is gone. */
  readonly send: (order: Order) => boolean;
}

export class Talk {
  readonly #parts: TalkParts;
  readonly #requests = new Requests();
  #metrics: Snapshot = [];

  constructor(parts: TalkParts) {
    this.#parts = parts;
  }

  /** The last metrics that it told. */
  get metrics(): Snapshot {
    return this.#metrics;
  }

  /** Asks for its metrics; where it does not answer, the last ones stand. Never rejects. */
  async refreshMetrics(): Promise<void> {
    await this.request({ what: 'metrics' }, METRICS_LIMIT_MS).catch(() => {});
  }

  /** Has it open its log files anew. Never rejects. */
  async reopenLogs(): Promise<void> {
    await this.request({ what: 'reopenLogs' }, REOPEN_LIMIT_MS).catch(() => {});
  }

  /** What it says of what it keeps; undefined: it does not answer, or is of a version that does not know the question. Never rejects. */
  askCache(question: CacheQuestion): Promise<CacheReply | undefined> {
    return this.request({ what: 'cache', question }, CACHE_LIMIT_MS).catch(() => undefined);
  }

  /** Has it hand over what this process keeps for it, which is about to go. Never rejects. */
  async leave(): Promise<void> {
    await this.request({ what: 'leave' }, LEAVE_LIMIT_MS).catch(() => {});
  }

  /** @throws {WorkerFault} it could not do so @throws {Error} it is gone, or does not answer */
  async request(request: Request, ms: number): Promise<CacheReply | undefined> {
    const { who, send } = this.#parts;
    return await this.#requests.ask(
      (id) => {
        if (!send({ kind: 'request', id, request })) this.#requests.fail(`${who()} is gone`);
      },
      { ms, who: who() },
    );
  }

  /** The worker says something. */
  hear(report: Report): void {
    switch (report.kind) {
      case 'answer':
        this.#requests.answer(report.id, report.fault, report.reply);
        break;
      case 'peer':
        this.#parts.onPeer(report.report);
        break;
      case 'limits':
        this.#parts.onAsks(report.asks);
        break;
      case 'audit':
        this.#parts.onAudit(report.batch);
        break;
      case 'changed':
        this.#parts.onChanged(report.changed);
        break;
      case 'metrics':
        this.#metrics = report.snapshot;
        break;
      case 'lines':
        for (const line of report.text.split('\n')) if (line !== '') this.#parts.onLine(line);
        break;
      case 'hello':
        // The first word of one that comes by itself, which who lets it in has heard (veterans.ts).
        break;
    }
  }

  /** It is gone. */
  end(why: string): void {
    this.#requests.fail(why);
  }
}
