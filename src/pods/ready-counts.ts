/** How many pods of each service account are ready: what runs under one account is taken for the replicas of one thing. */
import type { Identity } from '#match/subject.ts';

interface Counted {
  readonly identity: Pick<Identity, 'namespace' | 'serviceAccount'>;
  readonly isReady: boolean;
}

export class ReadyCounts {
  readonly #counts = new Map<string, number>();

  add({ identity, isReady }: Counted): void {
    if (isReady) this.#counts.set(accountOf(identity), this.of(identity) + 1);
  }

  remove({ identity, isReady }: Counted): void {
    if (!isReady) return;
    const count = this.of(identity) - 1;
    if (count === 0) this.#counts.delete(accountOf(identity));
    else this.#counts.set(accountOf(identity), count);
  }

  of(identity: Counted['identity']): number {
    return this.#counts.get(accountOf(identity)) ?? 0;
  }
}

function accountOf({ namespace, serviceAccount }: Counted['identity']): string {
  return `${namespace}/${serviceAccount}`;
}
