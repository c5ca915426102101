/**
 * How many pods this host is one of: those that are ready and run under the same service account. This one is told by its addresses.
 * Where that is not known now, it is the most that ever was.
 */
import { HOST_ADDRESSES } from '#net/own-addresses.ts';
import type { PodDirectory } from './pod-directory.ts';

/** As much of a configuration as this takes. */
interface Shared {
  readonly kubernetes: object | undefined;
  readonly limits: object;
}

interface TierSizeOptions {
  /** Told once where no pod has an address of this host, and none ever had. */
  readonly onStranger?: () => void;
  /** Canonical. @default those that the interfaces of this host have */
  readonly ownTexts?: () => readonly string[];
}

export class TierSize {
  readonly #directory: PodDirectory;
  readonly #options: TierSizeOptions;
  #version = -1;
  #count = 1;
  #most = 1;
  /** Of the pod that this host is. */
  #address: string | undefined = undefined;
  #isTold = false;

  constructor(directory: PodDirectory, options: TierSizeOptions = {}) {
    this.#directory = directory;
    this.#options = options;
  }

  /** At least 1, which it is as well where pods are not known. */
  get count(): number {
    if (this.#directory.version !== this.#version) this.#look();
    return this.#count;
  }

  /** How many share out the limits of a configuration; undefined: it has none, or watches no pods. */
  sharersOf({ kubernetes, limits }: Shared): number | undefined {
    return kubernetes !== undefined && Object.keys(limits).length > 0 ? this.count : undefined;
  }

  #look(): void {
    this.#version = this.#directory.version;
    if (!this.#directory.isSynced) {
      this.#count = 1;
      this.#most = 1;
      return;
    }
    const known = this.#directory.isStale ? undefined : this.#crew();
    this.#most = Math.max(this.#most, known ?? 1);
    this.#count = known ?? this.#most;
  }

  #crew(): number | undefined {
    const known = this.#address && this.#directory.crewOf(this.#address);
    if (typeof known === 'number') return known;
    const { ownTexts = textsOfHost, onStranger } = this.#options;
    for (const text of ownTexts()) {
      const found = this.#directory.crewOf(text);
      if (found === undefined) continue;
      this.#address = text;
      return found;
    }
    if (this.#address === undefined && !this.#isTold) onStranger?.();
    this.#isTold = true;
    return undefined;
  }
}

/** None where they cannot be looked at. */
function textsOfHost(): string[] {
  return (HOST_ADDRESSES.all() ?? []).map(({ text }) => text);
}
