/**
 * Sets of requests, exact: decision diagrams over a fixed order of dimensions, each cut into finitely many classes. A set is
 * a number, and equal sets are the same number. The work is bounded: where sets grow past it, an answer is given up.
 */

/** A set of requests, in the {@link Regions} that made it. */
export type Region = number;

export const NOTHING: Region = 0;
export const EVERYTHING: Region = 1;

/** Too much work to answer. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';

  constructor() {
    super('its rules divide requests into too many kinds');
  }
}

type Operation = 'and' | 'or' | 'minus';

/** Charged for each step besides what it looks at: an entry of a table. */
const STEP_COST = 8;

/** Numbers of regions stay below it: a memo's key holds two of them and is exact. */
const MAX_REGIONS = 2 ** 26;

/** Makes regions over dimensions with so many classes each, and combines them. */
export class Regions {
  readonly #sizes: readonly number[];
  /** By region: the first dimension that it depends on, and for each class of that dimension the rest. */
  readonly #levels: number[];
  readonly #children: (readonly Region[])[] = [[], []];
  readonly #numbers = new Map<string, Region>();
  readonly #memos = {
    and: new Map<number, Region>(),
    or: new Map<number, Region>(),
    minus: new Map<number, Region>(),
  };
  #budget: number;

  constructor(sizes: readonly number[], budget: number) {
    this.#sizes = sizes;
    this.#levels = [sizes.length, sizes.length];
    this.#budget = budget;
  }

  /** Requests whose class in the dimension is one of these. @throws {OverBudget} */
  slab(dimension: number, classes: ReadonlySet<number>): Region {
    const size = this.#sizes[dimension] as number;
    return this.#region(
      dimension,
      Array.from({ length: size }, (_, index) => (classes.has(index) ? EVERYTHING : NOTHING)),
    );
  }

  /** @throws {OverBudget} */
  and(...regions: readonly Region[]): Region {
    return regions.reduce((a, b) => this.#combine('and', a, b), EVERYTHING);
  }

  /** @throws {OverBudget} */
  or(...regions: readonly Region[]): Region {
    return regions.reduce((a, b) => this.#combine('or', a, b), NOTHING);
  }

  /** What is in `a` and not in `b`. @throws {OverBudget} */
  minus(a: Region, b: Region): Region {
    return this.#combine('minus', a, b);
  }

  /** Whether the class in the dimension makes a difference to being in the region. */
  dependsOn(region: Region, dimension: number): boolean {
    return [...this.#within(region, dimension)].some((each) => this.#level(each) === dimension);
  }

  /**
   * Members, each as its class by dimension, the lowest classes first: one for each way through the diagram. Where the class
   * makes no difference it is the first.
   * @param end how many dimensions are told
   */
  *members(region: Region, end = this.#sizes.length, dimension = 0): Generator<readonly number[]> {
    if (region === NOTHING) return;
    if (dimension === end) {
      yield [];
      return;
    }
    const rest = this.#level(region) === dimension ? this.#rest(region, dimension) : [region];
    for (const [index, each] of rest.entries()) {
      for (const tail of this.members(each, end, dimension + 1)) yield [index, ...tail];
    }
  }

  /** What is left of the region where the dimensions before this one are settled; never nothing. */
  #within(region: Region, dimension: number): ReadonlySet<Region> {
    const seen = new Set<Region>([NOTHING]);
    const left = new Set<Region>();
    const visit = (each: Region): void => {
      if (seen.has(each)) return;
      seen.add(each);
      if (this.#level(each) < dimension) this.#children[each]?.forEach(visit);
      else left.add(each);
    };
    visit(region);
    return left;
  }

  #combine(operation: Operation, a: Region, b: Region): Region {
    const known = SHORTCUTS[operation](a, b);
    if (known !== undefined) return known;
    const memo = this.#memos[operation];
    const key = a * MAX_REGIONS + b;
    const before = memo.get(key);
    if (before !== undefined) return before;
    const level = Math.min(this.#level(a), this.#level(b));
    this.#spend(this.#sizes[level] as number);
    const others = this.#rest(b, level);
    const children = this.#rest(a, level).map((each, index) =>
      this.#combine(operation, each, others[index] as Region),
    );
    const result = this.#region(level, children);
    memo.set(key, result);
    return result;
  }

  #level(region: Region): number {
    return this.#levels[region] as number;
  }

  /** By class of the dimension, which is at or before the region's first, what is left of it. */
  #rest(region: Region, dimension: number): readonly Region[] {
    if (this.#level(region) === dimension) return this.#children[region] as readonly Region[];
    return new Array<Region>(this.#sizes[dimension] as number).fill(region);
  }

  #region(level: number, children: readonly Region[]): Region {
    const [first] = children;
    if (first !== undefined && children.every((child) => child === first)) return first;
    const key = `${level}:${children.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#spend(children.length);
    const region = this.#levels.push(level) - 1;
    this.#children.push(children);
    this.#numbers.set(key, region);
    return region;
  }

  #spend(work: number): void {
    this.#budget -= work + STEP_COST;
    if (this.#budget < 0 || this.#levels.length >= MAX_REGIONS) throw new OverBudget();
  }
}

/** What needs no look inside the regions. */
const SHORTCUTS: Readonly<Record<Operation, (a: Region, b: Region) => Region | undefined>> = {
  and(a, b) {
    if (a === NOTHING || b === NOTHING) return NOTHING;
    if (a === EVERYTHING || a === b) return b;
    return b === EVERYTHING ? a : undefined;
  },
  or(a, b) {
    if (a === EVERYTHING || b === EVERYTHING) return EVERYTHING;
    if (a === NOTHING || a === b) return b;
    return b === NOTHING ? a : undefined;
  },
  minus(a, b) {
    if (a === NOTHING || b === EVERYTHING || a === b) return NOTHING;
    return b === NOTHING ? a : undefined;
  },
};
