/**
 * What the data path asks of the audit trail: to take what is permitted before it is dialled, and what was refused. With `strict` a
 * transaction waits until its record is written, and nothing passes where that cannot be.
 */
import { ProxyError } from '#errors.ts';
import type { Auditor, RecordEntry, Recorder } from '#record/entry.ts';
import { endBody, permitBody } from './decision.ts';
import type { Trail } from './trail.ts';

export class TrailAuditor implements Auditor {
  readonly #trail: Trail;
  readonly #isStrict: boolean;

  constructor(trail: Trail, isStrict: boolean) {
    this.#trail = trail;
    this.#isStrict = isStrict;
  }

  /** Whether nothing passes. */
  get isBlocking(): boolean {
    return this.#isStrict && this.#trail.isFailing;
  }

  /**
   * Takes what is about to be dialled. Undefined where there is nothing to wait for.
   * @throws {ProxyError} `audit_unavailable`
   */
  permit(entry: RecordEntry): Promise<void> | undefined {
    if (this.isBlocking) throw unavailable();
    const isTaken = this.#trail.append(permitBody(entry));
    if (this.#isStrict && !isTaken) throw unavailable(new Error('no room'));
    return this.#isStrict ? this.#written() : undefined;
  }

  /** A recorder that puts refusals and revocations into the trail, and hands every record on. */
  before(recorder: Recorder): Recorder {
    return {
      record: (entry) => {
        const body = endBody(entry);
        if (body !== undefined) this.#trail.append(body);
        recorder.record(entry);
      },
    };
  }

  async #written(): Promise<void> {
    try {
      await this.#trail.written();
    } catch (cause) {
      throw unavailable(cause);
    }
  }
}

function unavailable(cause?: unknown): ProxyError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new ProxyError('audit_unavailable', { detail: `The audit trail cannot be written${why}`, cause });
}
