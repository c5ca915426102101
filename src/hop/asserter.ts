/** Makes assertions: signed with the first key, each for one peer and one attempt, and none longer than a field may be. */
import { randomFillSync } from 'node:crypto';
import type { Identity } from '#match/subject.ts';
import {
  type Assertion,
  type Bound,
  headerOf,
  JTI_BYTES,
  JTI_LENGTH,
  LIFE_MS,
  MAX_LENGTH,
} from './assertion.ts';
import { claimsText, identityText, NOTHING_TOLD } from './claims.ts';
import type { HopKey } from './hop-key.ts';
import { Mac } from './mac.ts';
import type { AssertOptions } from './options.ts';

/** Ids are drawn so many at a time: one draw costs more than all else that is done for an assertion. */
const DRAWN_IDS = 256;
/** Of an id with what fills it up to whole groups of Base64, and the same as text. */
const ROOM_BYTES = 18;
const ROOM_LENGTH = 24;
const drawn = Buffer.alloc(DRAWN_IDS * ROOM_BYTES);
let ids = '';
let used = DRAWN_IDS;

export class Asserter {
  readonly #prefix: string;
  readonly #mac: Mac;
  readonly #labels: readonly string[];
  readonly #payload = Buffer.alloc(MAX_LENGTH);
  /** What is said of an identity is the same each time. */
  readonly #told = new WeakMap<Identity, string>();

  constructor({ keys, labels }: AssertOptions) {
    const { kid, secret } = keys[0] as HopKey;
    this.#prefix = `${headerOf(kid)}.`;
    this.#mac = new Mac(Buffer.from(secret, 'base64'), this.#prefix, MAX_LENGTH);
    this.#labels = labels;
  }

  /** One for `audience`, the address of a peer as it is configured. */
  assert({ address, identity }: Assertion, audience: string, { target, transaction, nowMs }: Bound): string {
    const bound = {
      aud: audience,
      jti: nextId(),
      iatMs: nowMs,
      expMs: nowMs + LIFE_MS,
      target,
      transaction,
      address,
    };
    const told = identity === undefined ? NOTHING_TOLD : this.#tell(identity);
    const written = this.#payload.write(claimsText(bound, told), 'latin1');
    const payload = this.#payload.toString('base64url', 0, written);
    return `${this.#prefix}${payload}.${this.#mac.sign(payload)}`;
  }

  #tell(identity: Identity): string {
    let told = this.#told.get(identity);
    if (told === undefined) {
      told = identityText(identity, this.#labels);
      this.#told.set(identity, told);
    }
    return told;
  }
}

function nextId(): string {
  if (used === DRAWN_IDS) drawIds();
  const at = used * ROOM_LENGTH;
  used += 1;
  return ids.slice(at, at + JTI_LENGTH);
}

function drawIds(): void {
  randomFillSync(drawn);
  for (let at = JTI_BYTES; at < drawn.length; at += ROOM_BYTES)
    drawn.fill(0, at, at + ROOM_BYTES - JTI_BYTES);
  ids = drawn.toString('base64url');
  used = 0;
}
