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
  /** The first part of an assertion under the key. */
  readonly header: string;
  readonly mac: Mac;
}

export class Verifier {
  // Few of each: comparing them takes less than the hash of a text by which a Map or a Set would find it.
  readonly #keys: readonly Signature[];
  readonly #audience: readonly string[];
  readonly replays: Replays;

  constructor({ keys, audience }: Pick<VerifyOptions, 'keys' | 'audience'>, replays: Replays) {
    this.#keys = keys.map(({ kid, secret }) => {
      return { header: headerOf(kid), mac: new Mac(Buffer.from(secret, 'base64'), MAX_LENGTH) };
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
    const first = text.indexOf('.');
    const last = text.lastIndexOf('.');
    if (last <= first) return 'malformed';
    const mac = this.#macOf(text, first);
    if (mac === undefined) return isForeign(text.slice(0, first)) ? 'unknown_key' : 'malformed';
    if (!mac.isOf(text.slice(0, last), text.slice(last + 1))) return 'wrong_signature';
    const written = scratch.write(text.slice(first + 1, last), 'base64url');
    return readClaims(scratch.toString('latin1', 0, written)) ?? 'malformed';
  }

  /** Of the key whose header the text begins with, up to `end`. */
  #macOf(text: string, end: number): Mac | undefined {
    for (const { header, mac } of this.#keys)
      if (header.length === end && text.startsWith(header)) return mac;
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
    scratch.write(jti, 'base64url');
    return this.replays.use(scratch, expMs, nowMs);
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

/** Whether it looks like one that was signed with a key that we do not have. */
function isForeign(header: string): boolean {
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    return typeof kid === 'string' && headerOf(kid) === header;
  } catch {
    return false;
  }
}
