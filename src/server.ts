/** What serves, in one process or with workers, as its life sees it (until-stopped.ts). */
import type { AuditLog } from '#audit/audit-log.ts';
import type { CacheQuestion, CacheWord } from '#cache/question.ts';
import type { Metrics } from '#record/metrics.ts';
import type { Log } from '#record/operational-log.ts';
import type { Reloadable } from './reload.ts';

export interface Server extends Reloadable {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'reloaded' | 'host'>;
  /** Told what happens to this host; undefined: there is no audit trail. */
  readonly audit: Pick<AuditLog, 'tell' | 'written' | 'isFailing'> | undefined;
  /** Whether {@link drain} waits for nothing, as others finish what is open. @default false */
  readonly endsAtOnce?: boolean;
  /** Asks each process of this host that keeps answers. Never rejects. */
  askCaches(question: CacheQuestion): Promise<readonly CacheWord[]>;
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
