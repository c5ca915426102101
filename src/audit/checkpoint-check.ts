/** Looks at the checkpoints of a chain that is followed: whether each is signed by a key that is believed, and comes in time. */
import type { KeyObject } from 'node:crypto';
import { CHECKPOINT_EVERY, isSigned, type PublicKeys } from './checkpoint.ts';
import type { Finding, Place } from './finding.ts';
import { membersOf, type ReadLink } from './read-link.ts';

export interface Checkpoints {
  readonly count: number;
  /** Of these, whose signature holds by a key that was given. */
  readonly proven: number;
  /** Number of the last one of these, or of all where no key was given. */
  readonly last: number | undefined;
  /** Records behind it. */
  readonly after: number;
}

export class CheckpointCheck {
  readonly #keys: PublicKeys | undefined;
  #count = 0;
  #proven = 0;
  #last: number | undefined = undefined;
  #after = 0;

  constructor(keys: PublicKeys | undefined) {
    this.#keys = keys;
  }

  /** Takes a record that follows the one before it; what is wrong with it as a checkpoint, or because it is none. */
  take(link: ReadLink, line: string, place: Place): Finding | undefined {
    if (link.event === 'checkpoint') return this.#takeCheckpoint(link, line, place);
    this.#after += 1;
    if (this.#keys === undefined || this.#after <= CHECKPOINT_EVERY) return undefined;
    const message = `No checkpoint among ${CHECKPOINT_EVERY} records up to record ${link.seq}, so that nothing is signed of what they say`;
    return { kind: 'unsigned', place, seq: link.seq - CHECKPOINT_EVERY, message };
  }

  result(): Checkpoints {
    return { count: this.#count, proven: this.#proven, last: this.#last, after: this.#after };
  }

  #takeCheckpoint(link: ReadLink, line: string, place: Place): Finding | undefined {
    this.#count += 1;
    const complaint = this.#keys === undefined ? undefined : complaintOf(link, line, this.#keys);
    if (complaint !== undefined) {
      const since = this.#last === undefined ? '' : `; what stands behind record ${this.#last} is not proven`;
      return { kind: 'forged', place, seq: link.seq, message: `Checkpoint ${link.seq} ${complaint}${since}` };
    }
    if (this.#keys !== undefined) this.#proven += 1;
    this.#last = link.seq;
    this.#after = 0;
    return undefined;
  }
}

function complaintOf({ content }: ReadLink, line: string, keys: PublicKeys): string | undefined {
  const { key, signature } = membersOf(line);
  if (typeof key !== 'string' || typeof signature !== 'string') return 'is not signed';
  const known: KeyObject | undefined = keys.get(key);
  if (known === undefined) return `is signed by key ${key}, which is none of those given`;
  return isSigned(content, signature, known) ? undefined : 'has a signature that is not that of its key';
}
