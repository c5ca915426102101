/** Which requests go through several tiers, one after the other, and by a certain peer of the last: as a region, and asked of one. */
import { decide } from '#acl/decide.ts';
import { compilePolicy } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import type { Subject } from '#match/subject.ts';
import { holds } from '../holds.ts';
import { conditionTruth, outcomesOf } from '../space/outcomes.ts';
import { EVERYTHING, NOTHING, type Region } from '../space/regions.ts';
import { Space } from '../space/space.ts';
import { listenersFor } from './chain.ts';
import { asShown, shownBy } from './shown-certificate.ts';

/** Tiers in the order in which requests go through them. */
export type Way = readonly [Config, ...Config[]];

/** A tier of the way. */
interface Stage {
  readonly tier: Config;
  /** Names of the certificate that it is shown; undefined: none, or that is not plain. */
  readonly shown: ReadonlySet<string> | undefined;
  /** Whether a route leads on. */
  readonly isTaken: (route: Config['routes'][number]) => boolean;
}

export class WayTaken {
  readonly space: Space;
  /** Requests that go that way. */
  readonly region: Region;
  readonly #asked: readonly ((subject: Subject) => boolean)[];

  /** @throws {OverBudget} */
  constructor(way: Way, peer: string, nowMs: number) {
    const stages = way.map((tier, at): Stage => {
      const isLast = at === way.length - 1;
      const before = way[at - 1];
      return {
        tier,
        shown: before && shownBy(before, tier),
        isTaken: ({ direct, peers }) => (isLast ? peers.includes(peer) : !direct),
      };
    });
    this.space = spaceOf(way, stages, nowMs);
    const passing = stages.map((stage, at) => passingAt(this.space, at, stage));
    this.region = this.space.regions.and(this.space.resolved, ...passing);
    this.#asked = stages.map(passes);
  }

  get isPossible(): boolean {
    return this.region !== NOTHING;
  }

  /** Whether the policies and routes themselves say so of a request, as each tier is asked about it. */
  shows(subjects: readonly Subject[]): boolean {
    return this.#asked.every((isPassed, at) => isPassed(subjects[at] as Subject));
  }
}

function spaceOf(way: Way, stages: readonly Stage[], nowMs: number): Space {
  const hops = stages.map(({ tier, shown }, at) => {
    const before = way[at - 1];
    const listeners = before ? listenersFor(before, tier) : tier.listeners.map(({ name }) => name);
    return { policy: asShown(tier.policy, shown), listeners };
  });
  return new Space(hops, nowMs);
}

/** What the hop allows and leads on. @throws {OverBudget} */
function passingAt(space: Space, hop: number, { tier, isTaken }: Stage): Region {
  const { regions } = space;
  const { rules } = outcomesOf(space, hop);
  const allowing = rules.filter(({ action, reportsOnly }) => action === 'allow' && !reportsOnly);
  let rest = EVERYTHING;
  let taken = NOTHING;
  for (const route of tier.routes) {
    const { holds: leads } = conditionTruth(space, hop, { action: 'allow', literals: route.when });
    if (isTaken(route)) taken = regions.or(taken, regions.and(rest, leads));
    rest = regions.minus(rest, leads);
  }
  return regions.and(taken, regions.or(...allowing.map(({ decides }) => decides)), trusted(space, hop, tier));
}

/** Where the tiers before come from, as far as that is told and a request can come from there. @throws {OverBudget} */
function trusted(space: Space, hop: number, { hop: { trustFrom } }: Config): Region {
  if (hop === 0 || trustFrom === undefined) return EVERYTHING;
  const { holds: region } = conditionTruth(space, hop, { action: 'allow', literals: trustFrom });
  return region === NOTHING ? EVERYTHING : region;
}

function passes({ tier, shown, isTaken }: Stage): (subject: Subject) => boolean {
  const policy = compilePolicy(tier.policy, tier.hash);
  return (asked) => {
    const subject = { ...asked, clientCert: shown };
    if (decide(policy, subject).verdict !== 'allow') return false;
    const route = tier.routes.find(({ when }) => holds(when, policy.acls, subject));
    return route !== undefined && isTaken(route);
  };
}
