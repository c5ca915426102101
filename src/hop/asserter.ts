/** Makes assertions: signed with the first key, each for one peer and one attempt, and none longer than a field may be. */
import { randomFillSync } from 'node:crypto';
import type { Identity } from '#match/subject.ts';
import { type Assertion, type Bound, headerOf, JTI_BYTES, LIFE_MS, MAX_LENGTH } from './assertion.ts';
import { claimsText, identityText } from './claims.ts';
import type { HopKey } from './hop-key.ts';
import { Mac } from './mac.ts';
import type { AssertOptions } from './options.ts';

/** Random bytes are drawn so many ids at a time: one draw costs more than all else that is done for an assertion. */
const DRAWN_IDS = 256;
const drawn = Buffer.alloc(DRAWN_IDS * JTI_BYTES);
let used = DRAWN_IDS;

export class Asserter {
  readonly #header: string;
  readonly #mac: Mac;
  readonly #labels: readonly string[];
  readonly #payload = Buffer.alloc(MAX_LENGTH);
  /** What is said of an identity is the same each time. */
  readonly #told = new WeakMap<Identity, string>();

  constructor({ keys, labels }: AssertOptions) {
    const { kid, secret } = keys[0] as HopKey;
    this.#header = headerOf(kid);
    this.#mac = new Mac(Buffer.from(secret, 'base64'), MAX_LENGTH);
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
    const told = identity === undefined ? '' : this.#tell(identity);
    const written = this.#payload.write(claimsText(bound, told), 'latin1');
    const signed = `${this.#header}.${this.#payload.toString('base64url', 0, written)}`;
    return `${signed}.${this.#mac.sign(signed)}`;
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
  if (used === DRAWN_IDS) {
    randomFillSync(drawn);
    used = 0;
  }
  const at = used * JTI_BYTES;
  used += 1;
  return drawn.toString('base64url', at, at + JTI_BYTES);
}
