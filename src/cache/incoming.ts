/**
 * An answer on its way in: whether it is kept, the body that is read meanwhile, and what becomes of what was kept before. Takes room
 * in the store for as long as it comes.
 */
import type { RawHeaders } from '#net/headers.ts';
import { valuesOf } from '#net/headers.ts';
import { isOfKept, refreshed } from './conditional.ts';
import type { CacheDesk, Flight } from './desk.ts';
import { answerDirectives } from './directives.ts';
import { type Entry, entryOf } from './entry.ts';
import { GrowingBody } from './growing-body.ts';
import { keptFields, type RequestFacts, whyNotKept } from './storable.ts';
import { selectionOf, varyingBy } from './vary.ts';

export interface IncomingParts {
  readonly desk: CacheDesk;
  /** Whose it is. */
  readonly flight: Flight;
  readonly request: RequestFacts;
  /** What the next hop was asked about. */
  readonly kept: Entry | undefined;
  /** More may come. */
  readonly onDrain: () => void;
}

export interface IncomingHead {
  readonly status: number;
  readonly phrase: string;
  readonly headers: RawHeaders;
  /** It tells of a fault of a peer, which is of this moment. */
  readonly isFault: boolean;
}

/** What is made of a head. */
export interface Taken {
  /** Without its body; undefined where it is not kept. */
  readonly entry: Entry | undefined;
  /** Why it is not. */
  readonly whyNot: string | undefined;
}

export class Incoming {
  body: GrowingBody | undefined = undefined;
  readonly #parts: IncomingParts;
  readonly #requestMs: number;
  #entry: Entry | undefined = undefined;
  #reservedBytes = 0;
  #isSpoilt = false;

  constructor(parts: IncomingParts, nowMs: number) {
    this.#parts = parts;
    this.#requestMs = nowMs;
  }

  /** A 304 has come. What it speaks of stays good; undefined where that is not what is kept. */
  confirm(headers: RawHeaders, nowMs: number): Entry | undefined {
    const { store } = this.#parts.desk;
    const kept = this.#parts.kept as Entry;
    if (!isOfKept(headers, kept)) {
      store.remove(kept);
      return undefined;
    }
    const moments = { requestMs: this.#requestMs, answerMs: nowMs };
    const entry = refreshed(kept, { headers: keptFields(headers, nowMs), ...moments });
    const whyNot = this.#isSpoilt ? 'changed' : whyNotKept(this.#parts.request, entry);
    if (whyNot === undefined) store.renew(kept, entry);
    else store.remove(kept);
    this.#note(whyNot, entry.status, nowMs);
    return entry;
  }

  /** Another head has come; its body follows by {@link body}. */
  take(head: IncomingHead, nowMs: number): Taken {
    const { desk, flight, request, kept } = this.#parts;
    const { status, headers } = head;
    const directives = answerDirectives(headers);
    const moments = { requestMs: this.#requestMs, answerMs: nowMs };
    const judged = whyNotKept(request, { status, headers, directives, ...moments });
    let whyNot = head.isFault ? 'fault' : judged;
    this.body = this.#bodyOf(headers, whyNot === undefined);
    if (whyNot === undefined && !this.body.isKept) whyNot = 'too-large';
    if (whyNot === undefined) {
      this.#entry = this.#entryOf(head, moments);
    } else {
      desk.close(flight);
      this.#note(whyNot, status, nowMs);
      // What has another answer now is not to be used again.
      if (kept !== undefined && status < 500) desk.store.remove(kept);
    }
    return { entry: this.#entry, whyNot };
  }

  /** It has come whole; `isPlain`: there is nothing behind the body, which could not be given to those who come later. */
  end(isPlain: boolean): void {
    const { body } = this;
    if (body === undefined) return;
    if (this.#entry !== undefined) this.#settle(this.#entry, body, isPlain);
    body.end();
  }

  /** It has broken off. */
  fail(error: Error): void {
    if (this.#entry !== undefined) this.#note('incomplete', this.#entry.status, Date.now());
    this.body?.fail(error);
  }

  spoil(): void {
    this.#isSpoilt = true;
    this.#parts.desk.close(this.#parts.flight);
  }

  /** Gives back the room that it had. */
  close(): void {
    this.#parts.desk.store.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }

  #settle(entry: Entry, body: GrowingBody, isPlain: boolean): void {
    let whyNot = this.#isSpoilt ? 'changed' : undefined;
    if (!isPlain) whyNot = 'trailers';
    if (!body.isKept) whyNot = 'too-large';
    if (whyNot === undefined) {
      const whole = body.whole();
      this.close();
      this.#parts.desk.store.put(Object.freeze({ ...entry, body: whole }));
    }
    this.#note(whyNot, entry.status, Date.now());
  }

  #note(why: string | undefined, status: number, atMs: number): void {
    const { desk, flight } = this.#parts;
    if (why === undefined) desk.notes.forget(flight.url);
    else desk.notes.put(flight.url, { why, status, atMs });
  }

  #bodyOf(headers: RawHeaders, isKept: boolean): GrowingBody {
    const [length] = valuesOf(headers, 'content-length');
    return new GrowingBody(
      {
        length: length === undefined ? undefined : Number(length),
        maxBytes: this.#parts.desk.maxObjectBytes,
        makeRoom: (bytes) => this.#makeRoom(bytes),
        onDrain: this.#parts.onDrain,
      },
      isKept,
    );
  }

  #entryOf(
    { status, phrase, headers }: IncomingHead,
    moments: { readonly requestMs: number; readonly answerMs: number },
  ): Entry {
    const { flight, request } = this.#parts;
    const names = varyingBy(headers) as readonly string[];
    return entryOf({
      url: flight.url,
      partition: flight.partition,
      names,
      selection: selectionOf(names, request.headers),
      status,
      phrase,
      headers: keptFields(headers, moments.answerMs),
      body: Buffer.alloc(0),
      ...moments,
    });
  }

  /** Where there is none it passes from now on, and nobody can join. */
  #makeRoom(bytes: number): boolean {
    const { desk, flight } = this.#parts;
    const hasRoom = this.#reservedBytes + bytes <= desk.maxObjectBytes && desk.store.reserve(bytes);
    if (hasRoom) this.#reservedBytes += bytes;
    else desk.close(flight);
    return hasRoom;
  }
}
