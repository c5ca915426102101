/**
 * Tells others what is not to be used any more. Of what they do not take no more waits than a bound; beyond it they are told, as soon as
 * they take something, that it may be anything.
 */

/** URLs; or there were too many to name. */
export type Changed = readonly string[] | 'anything';

/** Words on the way to one other. */
const MAX_CHANGES = 64;

export class Changes {
  readonly #send: (changed: Changed) => Promise<void>;
  #underWay = 0;
  #isUnsaid = false;

  /** `send` resolves when it is with the other, or the other is gone. Never rejects. */
  constructor(send: (changed: Changed) => Promise<void>) {
    this.#send = send;
  }

  tell(changed: Changed): void {
    if (this.#underWay < MAX_CHANGES) void this.#say(changed);
    else this.#isUnsaid = true;
  }

  async #say(changed: Changed): Promise<void> {
    this.#underWay += 1;
    await this.#send(changed);
    this.#underWay -= 1;
    if (!this.#isUnsaid) return;
    this.#isUnsaid = false;
    this.tell('anything');
  }
}
