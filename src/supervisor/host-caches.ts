/** What all processes of a host keep: what one finds changed is told to the others, and a question is put to each of them. */
import { type Changed, Changes } from '#cache/changes.ts';
import type { CacheQuestion, CacheReply, CacheWord } from '#cache/question.ts';
import type { Order } from './protocol.ts';

/** One of those that keep something. */
export interface Keeper {
  readonly pid: number | undefined;
  /** Resolves when it is with the other, or the other is gone. Never rejects. */
  say(order: Order): Promise<void>;
  /** Undefined: it does not answer. Never rejects. */
  askCache(question: CacheQuestion): Promise<CacheReply | undefined>;
}

export class HostCaches<Member extends Keeper> {
  readonly #members: () => readonly Member[];
  readonly #changes = new WeakMap<Member, Changes>();

  constructor(members: () => readonly Member[]) {
    this.#members = members;
  }

  /** Tells all but `from`, which has found it. */
  spread(from: Member, changed: Changed): void {
    for (const member of this.#members()) if (member !== from) this.#changesOf(member).tell(changed);
  }

  /** Puts a question to all, and waits for each that answers. Never rejects. */
  ask(question: CacheQuestion): Promise<readonly CacheWord[]> {
    const asked = this.#members().map(async (member) => ({
      pid: member.pid,
      reply: await member.askCache(question),
    }));
    return Promise.all(asked);
  }

  #changesOf(member: Member): Changes {
    let changes = this.#changes.get(member);
    if (changes === undefined) {
      changes = new Changes((changed) => member.say({ kind: 'changed', changed }));
      this.#changes.set(member, changes);
    }
    return changes;
  }
}
