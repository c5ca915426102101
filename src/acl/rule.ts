/** One line of `access`: what it does, and when. In which order lines are asked is decide.ts's to say. */
import type { Acl } from '#match/acl.ts';
import { type Condition, compileCondition, evaluateForAllow, evaluateForDeny } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { Network } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';

/** What becomes of open tunnels that the policy would not allow any more. */
export type OnRevoke = { readonly act: 'keep' | 'cut' } | { readonly act: 'drain'; readonly ms: number };

/** `log`: it is recorded; `verify`: no byte goes before it names the host that the tunnel is to. */
export type SniOption = 'off' | 'log' | 'verify';

/** One access rule as the configuration gives it: exactly one of `allow` and `deny`. */
export interface RuleOptions {
  readonly name: string;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  /** `report`: what it would decide is noted, and the next rule decides. @default enforce */
  readonly mode?: 'enforce' | 'report' | undefined;
  /** Milliseconds since the epoch, from which on it never matches. */
  readonly until?: number | undefined;
  readonly owner?: string | undefined;
  readonly ticket?: string | undefined;
  /** Shown to a client that the rule refuses. */
  readonly message?: string | undefined;
  /** Exceptions of the guard for what the rule allows. */
  readonly allowPrivate?: readonly Network[] | undefined;
  /** It is meant to refuse what the first tier allows. */
  readonly narrows?: boolean | undefined;
  /** @default drain within five minutes */
  readonly onRevoke?: OnRevoke | undefined;
  /** Name of the limit that what it allows counts under. */
  readonly limit?: string | undefined;
  /** What it allows may be answered from the cache. */
  readonly cache?: boolean | undefined;
  /** Protocols that a plain HTTP request may upgrade to, in any case. */
  readonly upgrade?: readonly string[] | undefined;
  /** What becomes of the ClientHello of the tunnels that it allows. @default off */
  readonly sni?: SniOption | undefined;
}

/** A compiled rule. */
export interface Rule {
  readonly name: string;
  /** Place among the rules, from 0. */
  readonly index: number;
  readonly action: 'allow' | 'deny';
  readonly condition: Condition;
  readonly mode: 'enforce' | 'report';
  /** Infinite where it does not expire. */
  readonly untilMs: number;
  readonly owner: string | undefined;
  readonly ticket: string | undefined;
  readonly message: string | undefined;
  readonly allowPrivate: PrefixSet | undefined;
  readonly narrows: boolean;
  readonly onRevoke: OnRevoke;
  readonly limit: string | undefined;
  readonly cache: boolean;
  /** Lower-case. */
  readonly upgrade: ReadonlySet<string>;
  readonly sni: SniOption;
}

const DRAIN: OnRevoke = Object.freeze({ act: 'drain', ms: 300_000 });

/** @throws {Error} where not exactly one action has ACLs, or one of them is not defined */
export function compileRule(options: RuleOptions, index: number, acls: ReadonlyMap<string, Acl>): Rule {
  const { name, allow = [], deny = [] } = options;
  // The empty conjunction holds always; nobody means that by an empty list.
  if ((allow.length === 0) === (deny.length === 0)) {
    throw new Error(`Rule "${name}" needs ACLs under exactly one of "allow" and "deny"`);
  }
  const isAllow = allow.length > 0;
  return Object.freeze({
    name,
    index,
    action: isAllow ? 'allow' : 'deny',
    condition: compileCondition(isAllow ? allow : deny, acls),
    mode: options.mode ?? 'enforce',
    untilMs: options.until ?? Number.POSITIVE_INFINITY,
    ...sayings(options),
    ...permissions(options),
  });
}

/** What it says to people. */
function sayings({ owner, ticket, message, narrows = false }: RuleOptions) {
  return { owner, ticket, message, narrows };
}

/** What else holds for what it allows. */
function permissions(options: RuleOptions) {
  const { allowPrivate, onRevoke = DRAIN, limit, cache = false, upgrade = [], sni = 'off' } = options;
  return {
    allowPrivate: allowPrivate && new PrefixSet(allowPrivate),
    onRevoke,
    limit,
    cache,
    upgrade: new Set(upgrade.map((protocol) => protocol.toLowerCase())),
    sni,
  } as const;
}

/** Whether the rule's condition holds, by the meaning that its action gives to the unknown. Never `Unknown`. */
export function evaluateRule(rule: Rule, subject: Subject): Tri {
  if (!isAsked(rule, subject)) return Tri.False;
  return rule.action === 'deny'
    ? evaluateForDeny(rule.condition, subject)
    : evaluateForAllow(rule.condition, subject);
}

/** Whether its condition matters: it has not ended, and it may speak of such a method. */
export function isAsked(rule: Rule, subject: Subject): boolean {
  if (subject.timeMs >= rule.untilMs) return false;
  // TRACE shows its sender what others added on the way, so it is allowed by name alone (RFC 9110 section 9.3.8).
  return subject.method !== 'TRACE' || rule.action === 'deny' || rule.condition.namesMethod;
}
