/**
 * What tier 1 lets through and tier 2 refuses: for every pair of a rule that allows at tier 1 and one that refuses at tier 2,
 * the requests that both decide. Both tiers are taken to resolve a name to the same address.
 */
import { decide } from '#acl/decide.ts';
import { compilePolicy, type Policy, type PolicyOptions } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import type { AclOptions } from '#match/acl.ts';
import { compileCondition, evaluateForAllow } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { Network } from '#net/ip.ts';
import { namesShown } from '../hop-certificate.ts';
import { conditionTruth, outcomesOf, type RuleOutcome } from '../space/outcomes.ts';
import { EVERYTHING, NOTHING, type Region } from '../space/regions.ts';
import { Space } from '../space/space.ts';
import { waysBetween } from './hop-way.ts';

export interface ChainOptions {
  /** In milliseconds since the epoch. */
  readonly nowMs: number;
  /** Tier 1's addresses as tier 2 sees them. @default what tier 2 trusts as a hop */
  readonly via: readonly Network[] | undefined;
}

/** A rule of tier 1 that allows, and what refuses some of that at tier 2. */
export interface Conflict {
  readonly allowing: RuleOutcome;
  /** Undefined: no rule of tier 2 allows it. */
  readonly refusing: RuleOutcome | undefined;
  readonly region: Region;
}

const FIRST = 0;
const SECOND = 1;
const EVERY_PORT = [{ first: 1, last: 65_535, text: '1-65535' }];

/** Two tiers, the second of which gets what the first sends to its peers. */
export class Chain {
  readonly space: Space;
  readonly #first: Config;
  readonly #second: Config;
  readonly #policies: readonly [Policy, Policy];
  readonly #options: ChainOptions;
  /** Names of the certificate that tier 2 is shown; undefined: that is not plain. */
  readonly #shown: ReadonlySet<string> | undefined;

  constructor(first: Config, second: Config, options: ChainOptions) {
    this.#first = first;
    this.#second = second;
    this.#policies = [compilePolicy(first.policy, first.hash), compilePolicy(second.policy, second.hash)];
    this.#options = options;
    const peers = waysBetween(first, second).map(({ peer }) => peer);
    this.#shown = namesShown(peers, second.listeners);
    const policy = this.#shown === undefined ? second.policy : answered(second.policy, this.#shown);
    const hops = [
      { policy: first.policy, listeners: first.listeners.map(({ name }) => name) },
      { policy, listeners: listenersFor(first, second), sources: options.via },
    ];
    this.space = new Space(hops, options.nowMs);
  }

  /** @throws {OverBudget} */
  *conflicts(): Generator<Conflict> {
    const { regions } = this.space;
    const sent = this.#sent();
    const second = outcomesOf(this.space, SECOND);
    const denying = second.rules.filter(({ action, reportsOnly }) => action === 'deny' && !reportsOnly);
    const refusals = [
      ...denying.map((refusing) => ({ refusing, decides: refusing.decides })),
      { refusing: undefined, decides: second.rest },
    ];
    for (const allowing of outcomesOf(this.space, FIRST).rules) {
      if (allowing.action === 'deny' || allowing.reportsOnly) continue;
      for (const { refusing, decides } of refusals) {
        const region = regions.and(allowing.decides, sent, decides);
        if (region !== NOTHING) yield { allowing, refusing, region };
      }
    }
  }

  /** Whether the policies themselves say of a request, as each tier is asked about it, that the two conflict. */
  shows({ allowing, refusing }: Conflict, subjects: readonly Subject[]): boolean {
    const [first, beyond] = subjects as readonly [Subject, Subject];
    const second = { ...beyond, clientCert: this.#shown };
    const here = decide(this.#policies[FIRST], first);
    const there = decide(this.#policies[SECOND], second);
    if (here.verdict !== 'allow' || here.rule.index !== allowing.index || !this.#leadsOn(first)) return false;
    return there.verdict === 'deny' && there.rule?.index === refusing?.index && this.#isTrusted(second);
  }

  /** What goes from tier 1 to a peer, and arrives at tier 2 from where tier 1 is. */
  #sent(): Region {
    const { regions, resolved } = this.space;
    let rest = EVERYTHING;
    let toPeers = NOTHING;
    for (const { when, direct } of this.#first.routes) {
      const { holds } = conditionTruth(this.space, FIRST, { action: 'allow', literals: when });
      if (!direct) toPeers = regions.or(toPeers, regions.and(rest, holds));
      rest = regions.minus(rest, holds);
    }
    return regions.and(toPeers, this.#origin(), resolved);
  }

  #origin(): Region {
    if (this.#options.via !== undefined) return this.space.fromSources(SECOND);
    const literals = this.#second.hop.trustFrom ?? [];
    return conditionTruth(this.space, SECOND, { action: 'allow', literals }).holds;
  }

  #leadsOn(subject: Subject): boolean {
    const { acls } = this.#policies[FIRST];
    const route = this.#first.routes.find(({ when }) => isTrue(when, acls, subject));
    return route?.direct === false;
  }

  #isTrusted(subject: Subject): boolean {
    if (this.#options.via !== undefined) return true;
    return isTrue(this.#second.hop.trustFrom ?? [], this.#policies[SECOND].acls, subject);
  }
}

function isTrue(literals: readonly string[], acls: Policy['acls'], subject: Subject): boolean {
  return evaluateForAllow(compileCondition(literals, acls), subject) === Tri.True;
}

/** The policy, with what its ACLs ask of the certificate answered. */
function answered({ acls, access }: PolicyOptions, shown: ReadonlySet<string>): PolicyOptions {
  const told = Object.entries(acls).map(([name, acl]) => [name, withAnswer(acl, shown)]);
  return { acls: Object.fromEntries(told), access };
}

/** An ACL of no port holds for nothing, and one of all of them for everything. */
function withAnswer({ clientCerts, ...acl }: AclOptions, shown: ReadonlySet<string>): AclOptions {
  if (clientCerts === undefined) return acl;
  const isShown = clientCerts.some((name) => shown.has(name));
  return isShown ? { ...acl, ports: acl.ports ?? EVERY_PORT } : { ports: [] };
}

/** Listeners of tier 2 on the ports that tier 1 dials; all where none is. */
function listenersFor(first: Config, second: Config): string[] {
  const ports = new Set(Object.values(first.peers).map(({ address }) => address.port));
  const dialled = second.listeners.filter(({ port }) => ports.has(port));
  return (dialled.length > 0 ? dialled : second.listeners).map(({ name }) => name);
}
