/** Pods as one configuration looks at them: what it makes of what is known, and of what may be wrong by now. */
import type { Identity } from '#match/subject.ts';
import type { IpAddress } from '#net/ip.ts';
import type { PodDirectory } from './pod-directory.ts';

interface Stance {
  /** Whether pods keep their identity where the API server has not been heard for too long, or are unknown then. */
  readonly whenStale: 'keep' | 'unknown';
}

export class KnownPods {
  readonly #directory: PodDirectory;
  readonly #isForgetful: boolean;

  constructor({ whenStale }: Stance, directory: PodDirectory) {
    this.#directory = directory;
    this.#isForgetful = whenStale === 'unknown';
  }

  /** Undefined: nobody knows. */
  identityOf({ text }: IpAddress): Identity | undefined {
    if (this.#isForgetful && this.#directory.isStale) return undefined;
    return this.#directory.find(text)?.identity;
  }

  /** Resolves when the address is known, or a moment is over; undefined: it is not worth waiting. */
  untilKnown({ text }: IpAddress): Promise<void> | undefined {
    return this.#directory.untilKnown(text);
  }
}
