/**
 * What tier 1 lets through and tier 2 refuses: for every pair of a rule that allows at tier 1 and one that refuses at tier 2,
 * the requests that both decide. Both tiers are taken to resolve a name to the same address.
 */
import { decide } from '#acl/decide.ts';
import { compilePolicy, type Policy } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import type { Subject } from '#match/subject.ts';
import type { Network } from '#net/ip.ts';
import { holds } from '../holds.ts';
import { conditionTruth, outcomesOf, type RuleOutcome } from '../space/outcomes.ts';
import { EVERYTHING, NOTHING, type Region } from '../space/regions.ts';
import { Space } from '../space/space.ts';
import { asShown, shownBy } from './shown-certificate.ts';

export interface ChainOptions {
  /** In milliseconds since the epoch. */
  readonly nowMs: number;
  /** Tier 1's addresses as tier 2 sees them. @default what tier 2 trusts as a hop */
  readonly via: readonly Network[] | undefined;
  /** How many tiers are ahead of these two. @default 0 */
  readonly ahead?: number;
  /** How many tiers there are altogether. @default 2 */
  readonly tiers?: number;
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

/** Two tiers, the second of which gets what the first sends to its peers. */
export class Chain {
  readonly space: Space;
  readonly #first: Config;
  readonly #second: Config;
  readonly #policies: readonly [Policy, Policy];
  readonly #options: ChainOptions;
  /** Names of the certificate that tier 2 is shown; undefined: that is not plain. */
  readonly #shown: ReadonlySet<string> | undefined;
  /** Tier 2 trusts nobody who shows that: tier 1 asks all the same, from wherever. */
  #isStranger = false;

  constructor(first: Config, second: Config, options: ChainOptions) {
    this.#first = first;
    this.#second = second;
    this.#policies = [compilePolicy(first.policy, first.hash), compilePolicy(second.policy, second.hash)];
    this.#options = options;
    this.#shown = shownBy(first, second);
    const hops = [
      { policy: first.policy, listeners: first.listeners.map(({ name }) => name) },
      {
        policy: asShown(second.policy, this.#shown),
        listeners: listenersFor(first, second),
        sources: options.via,
      },
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
      const { holds: leads } = conditionTruth(this.space, FIRST, { action: 'allow', literals: when });
      if (!direct) toPeers = regions.or(toPeers, regions.and(rest, leads));
      rest = regions.minus(rest, leads);
    }
    return regions.and(toPeers, this.#origin(), resolved);
  }

  #origin(): Region {
    if (this.#options.via !== undefined) return this.space.fromSources(SECOND);
    const literals = this.#second.hop.trustFrom ?? [];
    const trusted = conditionTruth(this.space, SECOND, { action: 'allow', literals }).holds;
    this.#isStranger = trusted === NOTHING;
    return this.#isStranger ? EVERYTHING : trusted;
  }

  #leadsOn(subject: Subject): boolean {
    const { acls } = this.#policies[FIRST];
    const route = this.#first.routes.find(({ when }) => holds(when, acls, subject));
    return route?.direct === false;
  }

  #isTrusted(subject: Subject): boolean {
    if (this.#options.via !== undefined || this.#isStranger) return true;
    return holds(this.#second.hop.trustFrom ?? [], this.#policies[SECOND].acls, subject);
  }
}

/** Listeners of tier 2 on the ports that tier 1 dials, or on one that no file says; all where none is. */
export function listenersFor(first: Config, second: Config): string[] {
  const ports = new Set(Object.values(first.peers).map(({ address }) => address.port));
  const dialled = second.listeners.filter(({ port, socket }) => socket !== undefined || ports.has(port));
  return (dialled.length > 0 ? dialled : second.listeners).map(({ name }) => name);
}
