/**
 * Whether an assertion is one: of a hop that has a key of ours, to this hop, for this very request, now, and for the first time.
 * Nothing of it is looked at before its MAC is right, and nothing of its header but whether it is the one that we would write.
 */
import { ProxyError } from '#errors.ts';
import { type Assertion, type Bound, headerOf, LIFE_MS, MAX_LENGTH, SKEW_MS } from './assertion.ts';
import { type Binding, readClaims } from './claims.ts';
import { Mac } from './mac.ts';
import type { VerifyOptions } from './options.ts';
import { Replays } from './replays.ts';
import type { Flaw } from './results.ts';

const scratch = Buffer.alloc(MAX_LENGTH);

interface Signature {
  /** The first part of an assertion under the key, with the dot behind it. */
  readonly prefix: string;
  readonly mac: Mac;
}

export class Verifier {
  // Few of each: comparing them takes less than the hash of a text by which a Map or a Set would find it.
  readonly #keys: readonly Signature[];
  readonly #audience: readonly string[];
  readonly replays: Replays;

  constructor({ keys, audience }: Pick<VerifyOptions, 'keys' | 'audience'>, replays: Replays) {
    this.#keys = keys.map(({ kid, secret }) => {
      const prefix = `${headerOf(kid)}.`;
      return { prefix, mac: new Mac(Buffer.from(secret, 'base64'), prefix, MAX_LENGTH) };
    });
    this.#audience = audience;
    this.replays = replays;
  }

  /**
   * What the assertion says, which is used up by that; or what is wrong with it.
   * @throws {ProxyError} `assertion_unchecked` where nobody can say whether it was used before
   */
  verify(text: string, bound: Bound): Assertion | Flaw {
    const claims = this.#open(text);
    if (typeof claims === 'string') return claims;
    const flaw = this.#flawOf(claims, bound);
    if (flaw !== undefined) return flaw;
    const { address, identity } = claims;
    return this.#use(claims, bound.nowMs) ? { address, identity } : 'replayed';
  }

  /** Whom it was for, by the word of who signed it; undefined where nobody of ours did. */
  audienceOf(text: string): string | undefined {
    const claims = this.#open(text);
    return typeof claims === 'string' ? undefined : claims.aud;
  }

  /** What it claims, by the word of who signed it. */
  #open(text: string): Binding | Flaw {
    if (text.length > MAX_LENGTH) return 'malformed';
    const key = this.#keyOf(text);
    if (key === undefined) return isForeign(text) ? 'unknown_key' : 'malformed';
    const start = key.prefix.length;
    const end = text.lastIndexOf('.');
    if (end < start) return 'malformed';
    const payload = text.slice(start, end);
    if (!key.mac.isOf(payload, text.slice(end + 1))) return 'wrong_signature';
    const written = scratch.write(payload, 'base64url');
    return readClaims(scratch.toString('latin1', 0, written)) ?? 'malformed';
  }

  /** The key that the text says it is signed with. */
  #keyOf(text: string): Signature | undefined {
    for (const key of this.#keys) if (text.startsWith(key.prefix)) return key;
    return undefined;
  }

  #flawOf({ aud, target, transaction, iatMs, expMs }: Binding, bound: Bound): Flaw | undefined {
    if (!this.#audience.includes(aud)) return 'wrong_audience';
    if (target !== bound.target) return 'wrong_target';
    if (transaction !== bound.transaction) return 'wrong_transaction';
    const now = bound.nowMs;
    if (iatMs > now + SKEW_MS) return 'not_yet_valid';
    if (expMs <= now - SKEW_MS) return 'expired';
    return expMs <= iatMs || expMs - iatMs > LIFE_MS ? 'malformed' : undefined;
  }

  #use({ jti, iatMs, expMs }: Binding, nowMs: number): boolean {
    const { sinceMs } = this.replays;
    const early = sinceMs - iatMs;
    // In the future it is the clock of this host that was wrong, and has been set since.
    if (early > 0 && sinceMs <= nowMs + SKEW_MS) {
      const detail = `Weir-Identity was made ${early} ms before what was used began to be kept`;
      throw new ProxyError('assertion_unchecked', { detail });
    }
    return this.replays.use(markOf(jti), expMs, nowMs);
  }
}

/**
 * What was used with `previous` stays used, where it is kept in the same place; another place knows nothing of it.
 * @throws {Error} where it cannot be kept
 */
export function verifierOf(
  options: VerifyOptions | undefined,
  previous: Verifier | undefined,
): Verifier | undefined {
  if (options === undefined) return undefined;
  const { replayDirectory } = options;
  if (previous === undefined) return new Verifier(options, new Replays(replayDirectory));
  const isSame = previous.replays.directory === replayDirectory;
  const nowMs = Date.now();
  return new Verifier(options, isSame ? previous.replays : new Replays(replayDirectory, nowMs, nowMs));
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What a letter of Base64 says, by its code. */
const values = new Uint8Array(128);
for (let value = 0; value < LETTERS.length; value += 1) values[LETTERS.charCodeAt(value)] = value;
/** The last one made. */
const mark = Buffer.alloc(9);

/** The first bytes of an id. By hand, since so few are not worth a call of Node's; good until the next one is made. */
function markOf(jti: string): Buffer {
  for (let i = 0, at = 0; i < mark.length; i += 3, at += 4) {
    const bits =
      (valueAt(jti, at) << 18) |
      (valueAt(jti, at + 1) << 12) |
      (valueAt(jti, at + 2) << 6) |
      valueAt(jti, at + 3);
    mark[i] = bits >> 16;
    mark[i + 1] = bits >> 8;
    mark[i + 2] = bits;
  }
  return mark;
}

function valueAt(jti: string, at: number): number {
  return values[jti.charCodeAt(at)] as number;
}

/** Whether it looks like one that was signed with a key that we do not have. */
function isForeign(text: string): boolean {
  const [header = '', ...others] = text.split('.', 3);
  if (others.length < 2) return false;
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    return typeof kid === 'string' && headerOf(kid) === header;
  } catch {
    return false;
  }
}
