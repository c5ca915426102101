/**
 * Who a client is by name and password. A password is hashed on Node's few threads, which name resolution needs too: so few
 * at a time, so many waiting, and what was found out, yes or no, is remembered for a while under a key that is a secret of
 * this process. A name that does not exist takes as long as a wrong password.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RawHeaders } from '#net/headers.ts';
import { type Credentials, credentialsOf } from './basic.ts';
import { Gate, type GateOptions } from './gate.ts';
import { decoyHash, isPassword, type PasswordHash, parsePasswordHash } from './password-hash.ts';
import type { User } from './users.ts';

/** Of Node's four threads. */
const GATE: GateOptions = { atOnce: 2, waiting: 64 };
const MAX_KNOWN = 10_000;
const RIGHT_MS = 5 * 60_000;
const WRONG_MS = 60_000;

export interface AuthenticatorOptions {
  readonly users: readonly User[];
  /** @default {@link isPassword} */
  readonly verify?: typeof isPassword;
  readonly gate?: GateOptions;
}

export class Authenticator {
  /** As given, to tell whether another configuration has the same. */
  readonly users: readonly User[];
  readonly #hashes: ReadonlyMap<string, PasswordHash>;
  readonly #decoy: PasswordHash;
  readonly #verify: typeof isPassword;
  readonly #gate: Gate;
  readonly #secret = randomBytes(32);
  /** By keyed hash of name and password: so that neither the wrong ones nor the right ones lie about in memory. */
  readonly #right = new LRUCache<string, true>({ max: MAX_KNOWN, ttl: RIGHT_MS });
  readonly #wrong = new LRUCache<string, true>({ max: MAX_KNOWN, ttl: WRONG_MS });
  readonly #asked = new Map<string, Promise<boolean>>();

  constructor({ users, verify = isPassword, gate = GATE }: AuthenticatorOptions) {
    this.users = users;
    this.#hashes = new Map(users.map(({ name, hash }) => [name, parsePasswordHash(hash)]));
    this.#decoy = decoyHash(this.#hashes.values().next().value);
    this.#verify = verify;
    this.#gate = new Gate(gate);
  }

  /**
   * The user whose credentials a request has; undefined where it has none, or wrong ones. At once where that is known.
   * @throws {ProxyError} `saturated` (it rejects) where too many wait to be told
   */
  identify(headers: RawHeaders): string | undefined | Promise<string | undefined> {
    const credentials = credentialsOf(headers);
    if (credentials === undefined) return undefined;
    const key = this.#keyOf(credentials);
    if (this.#right.has(key)) return credentials.user;
    if (this.#wrong.has(key)) return undefined;
    return this.#ask(key, credentials).then((isRight) => (isRight ? credentials.user : undefined));
  }

  /** Whether there is a user of that name. */
  knows(name: string): boolean {
    return this.#hashes.has(name);
  }

  /** Many requests that come at once with the same credentials ask once. */
  #ask(key: string, credentials: Credentials): Promise<boolean> {
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const asked = this.#gate.pass(() => this.#check(key, credentials)).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }

  async #check(key: string, { user, password }: Credentials): Promise<boolean> {
    const hash = this.#hashes.get(user);
    const isEqual = await this.#verify(password, hash ?? this.#decoy);
    const isRight = isEqual && hash !== undefined;
    (isRight ? this.#right : this.#wrong).set(key, true);
    return isRight;
  }

  #keyOf({ user, password }: Credentials): string {
    // A name has no colon, so that no two pairs are one text.
    return createHmac('sha256', this.#secret).update(`${user}:${password}`).digest('base64');
  }
}

/** What is known of passwords stays where the users are the same; without users there is none. */
export function authenticatorOf(
  users: readonly User[] | undefined,
  previous: Authenticator | undefined,
): Authenticator | undefined {
  if (users === undefined) return undefined;
  const isSame = previous !== undefined && JSON.stringify(previous.users) === JSON.stringify(users);
  return isSame ? previous : new Authenticator({ users });
}
