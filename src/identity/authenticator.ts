/**
 * Who a client is by name and password. A password is hashed on Node's few threads, which name resolution needs too: so few
 * at a time, so many waiting, and what was found out, yes or no, is remembered for a while (memory.ts). A name that does not
 * exist takes as long as a wrong password of a user (decoys.ts).
 */
import type { RawHeaders } from '#net/headers.ts';
import { type Credentials, credentialsOf } from './basic.ts';
import { Decoys } from './decoys.ts';
import { Gate, type GateOptions, type Visitor } from './gate.ts';
import { Memory } from './memory.ts';
import { isPassword, type PasswordHash, parsePasswordHash } from './password-hash.ts';
import type { User } from './users.ts';

/** Of Node's four threads. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 64;
const MAX_WAITING_OF_ONE = 4;
const GATE: GateOptions = { atOnce: MAX_AT_ONCE, waiting: MAX_WAITING, waitingOfOne: MAX_WAITING_OF_ONE };

/** Credentials, and what they are remembered under. */
export interface Claim extends Credentials {
  readonly key: string;
}

/** A user's hash, as written and as read. */
interface Known {
  readonly text: string;
  readonly hash: PasswordHash;
}

/** Who asks whether a claim is right. */
export interface Asker {
  /** Where it comes from: of one source only a few may wait. */
  readonly client: string;
  /** What that is part of: where too many wait, no site has many more than others. */
  readonly site: string;
  /** Waits, but no longer than the answer is wanted. */
  wait(isRight: Promise<boolean>): Promise<boolean>;
}

/** One on its way. */
interface Check {
  readonly isRight: Promise<boolean>;
  /** How many requests wait for it. */
  waiting: number;
}

export interface AuthenticatorOptions {
  readonly users: readonly User[];
  /** @default {@link isPassword} */
  readonly verify?: typeof isPassword;
  readonly gate?: GateOptions;
  /** What it knows of passwords is known here too, and there is one gate for both. */
  readonly previous?: Authenticator | undefined;
}

export class Authenticator {
  /** As given, to tell whether another configuration has the same. */
  readonly users: readonly User[];
  readonly #hashes: ReadonlyMap<string, Known>;
  readonly #decoys: Decoys;
  readonly #verify: typeof isPassword;
  readonly #gate: Gate;
  readonly #memory: Memory;
  readonly #asked = new Map<string, Check>();

  constructor({ users, verify = isPassword, gate = GATE, previous }: AuthenticatorOptions) {
    this.users = users;
    this.#hashes = new Map(
      users.map(({ name, hash }) => [name, { text: hash, hash: parsePasswordHash(hash) }]),
    );
    this.#decoys = new Decoys([...this.#hashes.values()]);
    this.#verify = verify;
    this.#gate = previous === undefined ? new Gate(gate) : previous.#gate;
    this.#memory = previous === undefined ? new Memory() : previous.#memory;
  }

  /** Who a request says it is; undefined where it has no credentials, or none that can be read. */
  claimOf(headers: RawHeaders): Claim | undefined {
    const credentials = credentialsOf(headers);
    if (credentials === undefined) return undefined;
    const known = this.#hashes.get(credentials.user);
    return { ...credentials, key: this.#memory.keyOf(credentials, known?.text) };
  }

  /** Whether the claim is right; undefined where that is not known yet. */
  recall({ key }: Claim): boolean | undefined {
    return this.#memory.recall(key);
  }

  /**
   * Has `wait` wait while it is found out whether the claim is right; what none waits for any more is not begun. Many requests
   * that come at once with the same claim ask once, as the first one's `client`.
   * @throws {ProxyError} `credentials_unchecked` (it rejects) where too many wait to be told; as `wait`
   */
  async check(claim: Claim, asker: Asker): Promise<boolean> {
    const check = this.#asked.get(claim.key) ?? this.#begin(claim, asker);
    check.waiting += 1;
    try {
      return await asker.wait(check.isRight);
    } finally {
      check.waiting -= 1;
    }
  }

  /** Whether there is a user of that name. */
  knows(name: string): boolean {
    return this.#hashes.has(name);
  }

  #begin(claim: Claim, { client, site }: Asker): Check {
    const { key } = claim;
    const visitor: Visitor = { client, site, isWanted: () => check.waiting > 0 };
    const isRight = this.#gate
      .pass(visitor, () => this.#verifyClaim(claim))
      .finally(() => this.#asked.delete(key));
    // That nobody waits any more is no fault.
    isRight.catch(() => {});
    const check: Check = { isRight, waiting: 0 };
    this.#asked.set(key, check);
    return check;
  }

  async #verifyClaim({ key, user, password }: Claim): Promise<boolean> {
    const hash = this.#hashes.get(user)?.hash;
    const isEqual = await this.#verify(password, hash ?? this.#decoys.of(user));
    const isRight = isEqual && hash !== undefined;
    this.#memory.remember(key, isRight);
    return isRight;
  }
}

/** Where the users are the same it is the same; what is known of passwords stays, of those users whose line is the same. */
export function authenticatorOf(
  users: readonly User[] | undefined,
  previous: Authenticator | undefined,
): Authenticator | undefined {
  if (users === undefined) return undefined;
  const isSame = previous !== undefined && JSON.stringify(previous.users) === JSON.stringify(users);
  return isSame ? previous : new Authenticator({ users, previous });
}
