/**
 * A list through its members: adding and removing allocates nothing. Not a Set or a Map, for where members come and go all
 * the time V8 makes table after table of them, each dead one with a pointer to the next: once one is old, all that ever was
 * in one of them lives until the next full collection (bench/NOTES.md). A member is in one list at a time.
 */
export interface Member<T> {
  /** The list's. */
  previous: T | undefined;
  next: T | undefined;
}

export class List<T extends Member<T>> {
  #first: T | undefined = undefined;
  #last: T | undefined = undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first;
  }

  /** Appends a member that is in no list. */
  add(member: T): void {
    member.previous = this.#last;
    if (this.#last === undefined) this.#first = member;
    else this.#last.next = member;
    this.#last = member;
    this.#size += 1;
  }

  /** Removes a member of this list; what is in none is left alone. */
  remove(member: T): void {
    const { previous, next } = member;
    if (previous === undefined && this.#first !== member) return;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    // A dead member must not lead to a living one.
    member.previous = undefined;
    member.next = undefined;
    this.#size -= 1;
  }

  /** The members, oldest first, as they are now. */
  members(): T[] {
    const members: T[] = [];
    for (let one = this.#first; one !== undefined; one = one.next) members.push(one);
    return members;
  }
}
