/** What was asked of a worker and is not answered yet: each question with its number, and for how long its answer is waited for. */
import type { CacheReply } from '#cache/question.ts';
import type { Fault } from './protocol.ts';

interface Pending {
  resolve(reply: CacheReply | undefined): void;
  reject(error: Error): void;
}

/** A worker could not do what it was asked; it is as it was before. */
export class WorkerFault extends Error {
  readonly code: string | undefined;
  readonly exitCode: number | undefined;

  constructor({ message, code, exitCode }: Fault) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

export class Requests {
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  /**
   * Has `ask` send a question with its number, and waits for the answer.
   * @throws {WorkerFault} what was asked could not be done @throws {Error} nobody answers
   */
  async ask(
    ask: (id: number) => void,
    limit: { readonly ms: number; readonly who: string },
  ): Promise<CacheReply | undefined> {
    const id = this.#nextId;
    this.#nextId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<CacheReply | undefined>();
    this.#pending.set(id, { resolve, reject });
    const timer = setTimeout(() => reject(new Error(`${limit.who} does not answer`)), limit.ms);
    ask(id);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  /** The answer to a question; without a fault it was done. */
  answer(id: number, fault: Fault | undefined, reply?: CacheReply): void {
    const pending = this.#pending.get(id);
    if (fault === undefined) pending?.resolve(reply);
    else pending?.reject(new WorkerFault(fault));
  }

  /** Nobody answers any more. */
  fail(why: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(why));
  }
}
