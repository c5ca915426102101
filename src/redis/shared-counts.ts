/**
 * Limits that are counted in Redis for all who name it. What a process asks of it is answered in time or not at all: then, and for as
 * long as Redis is away, the insurance answers, which is how limits are counted without it. When it is back, so are the counts: of
 * tunnels every process says how many it has.
 */
import type { Ask, Grant } from '#limit/lending.ts';
import { isInner } from '#limit/options.ts';
import { type Counted, callOf, holdCall, LEASE_MS, restOfDay } from './calls.ts';
import type { Counting } from './client.ts';
import { type Holding, Holdings } from './holdings.ts';

const PROBE_MS = 500;
const SAID_AT_ONCE = 1000;
const RENEW_MS = LEASE_MS / 3;

export interface SharedCountsParts {
  readonly redis: Counting;
  /** Tells this process from all others. */
  readonly holder: string;
  /** Takes the answers. */
  readonly answer: (grants: readonly Grant[]) => void;
  /** Is asked instead; its answers come by {@link SharedCounts.insured}. */
  readonly insurance: (asks: readonly Ask[]) => void;
  /** Told when Redis begins to count, and when it does no more, and why. */
  readonly onChange: (isUp: boolean, why: string) => void;
  /** Lets go of what the insurance has lent. */
  readonly forfeit: () => void;
  /** How long an answer may take: no transaction waits longer for Redis. */
  readonly timeoutMs: number;
}

export class SharedCounts {
  readonly #parts: SharedCountsParts;
  readonly #holdings = new Holdings();
  readonly #renewal: NodeJS.Timeout;
  #probe: NodeJS.Timeout | undefined = undefined;
  #isProbing = false;
  #isUp = false;
  /** What was told last. */
  #told: boolean | undefined = undefined;
  #asking = 0;
  #isStopped = false;

  constructor(parts: SharedCountsParts) {
    this.#parts = parts;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS).unref();
  }

  /** Whether Redis counts now. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Answers by `answer`, later. */
  ask(asks: readonly Ask[]): void {
    const [own, insured]: [Ask[], Ask[]] = [[], []];
    for (const ask of asks) {
      if (isInner(ask.limit.name)) insured.push(ask);
      else if (ask.kind === 'giveBack' && ask.resource === 'tunnels') this.#release(ask, own, insured);
      else if (!this.#isUp) insured.push(this.#noted(ask));
      else own.push(ask);
    }
    if (insured.length > 0) this.#parts.insurance(insured);
    if (own.length > 0) void this.#count(own);
  }

  /** What the insurance has granted. */
  insured(grants: readonly Grant[]): void {
    for (const grant of grants) this.#holdings.noteInsured(grant);
    this.#parts.answer(grants);
  }

  /** There is a connection. */
  ready(): void {
    // One that came back by itself leads to a Redis that may have lost all.
    if (this.#isUp) this.#lose('The connection was lost');
    void this.#look();
  }

  /** There is none, and why. */
  failed(why: string): void {
    if (this.#isUp) this.#lose(why);
    else this.#tell(false, why);
  }

  /** Asks nothing more, and gives all tunnels back as far as Redis answers in time: else they count until the lease is over. */
  async end(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#renewal);
    clearTimeout(this.#probe);
    const held = this.#isUp ? this.#held() : [];
    this.#isUp = false;
    for (const holding of held) holding.shared = 0;
    await this.#inTime([this.#say(held, () => true)]).catch(() => {});
  }

  #noted(ask: Ask): Ask {
    this.#holdings.of(ask);
    return ask;
  }

  /** Tunnels go back to where they count. */
  #release(ask: Ask, own: Ask[], insured: Ask[]): void {
    const shared = this.#holdings.of(ask).release(ask.amount);
    if (shared > 0 && this.#isUp) own.push({ ...ask, amount: shared });
    if (shared < ask.amount) insured.push({ ...ask, amount: ask.amount - shared });
  }

  async #count(asks: readonly Ask[]): Promise<void> {
    const now = performance.now();
    const isDry = (ask: Ask): boolean =>
      ask.kind === 'take' && this.#holdings.of(ask).dryMs(ask.resource, now) > 0;
    const dry = asks.filter(isDry).map((ask) => this.#dryGrant(ask, now));
    if (dry.length > 0) this.#parts.answer(dry);
    const open = asks.filter((ask) => !isDry(ask));
    if (open.length === 0) return;
    this.#asking += 1;
    try {
      const grants = await this.#inTime(open.map((ask) => this.#grantOf(ask)));
      this.#answer(open, grants);
    } catch (error) {
      this.#lose((error as Error).message);
      // What was given back or spent is not asked for again: Redis has it, or has lost more than that.
      const takes = open.filter(({ kind }) => kind === 'take');
      if (takes.length > 0) this.#parts.insurance(takes.map((ask) => this.#noted(ask)));
    } finally {
      this.#asking -= 1;
    }
  }

  #answer(asks: readonly Ask[], grants: readonly Grant[]): void {
    const now = performance.now();
    const answers = grants.filter((grant, at) => {
      const ask = asks[at] as Ask;
      if (ask.kind === 'take') this.#holdings.of(ask).note(grant, now);
      return ask.kind === 'take';
    });
    if (answers.length > 0) this.#parts.answer(answers);
  }

  #dryGrant({ quota, resource, limit, key }: Ask, now: number): Grant {
    const retryMs = this.#holdings.of({ quota, limit, key }).moreInMs(resource, now);
    return { quota, resource, granted: 0, retryMs: this.#retryMs(resource, retryMs) };
  }

  async #grantOf(ask: Ask): Promise<Grant> {
    const { quota, resource } = ask;
    const [granted, retryMs] = await this.#run(
      callOf(ask, { holder: this.#parts.holder, wallMs: Date.now() }),
    );
    if (!(granted >= 0 && retryMs >= 0)) throw new Error('Redis answers what is no count');
    return { quota, resource, granted, retryMs: this.#retryMs(resource, retryMs) };
  }

  #retryMs(resource: Grant['resource'], retryMs: number): number | undefined {
    if (resource === 'bytesPerDay') return restOfDay(Date.now());
    return resource === 'requests' ? retryMs : undefined;
  }

  #run({ key, words }: Counted): Promise<readonly [granted: number, retryMs: number]> {
    return this.#parts.redis.count(key, words);
  }

  async #inTime<T>(answers: readonly Promise<T>[]): Promise<T[]> {
    const { timeoutMs } = this.#parts;
    const late = Promise.withResolvers<never>();
    const giveUp = (): void => late.reject(new Error(`No answer within ${timeoutMs} ms`));
    // It may have come while this process was busy: what is there is read first.
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    try {
      return await Promise.race([Promise.all(answers), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #lose(why: string): void {
    this.#isUp = false;
    this.#tell(false, why);
    this.#lookLater();
  }

  #tell(isUp: boolean, why: string): void {
    if (isUp === this.#told || this.#isStopped) return;
    this.#told = isUp;
    this.#parts.onChange(isUp, why);
  }

  #lookLater(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => void this.#look(), PROBE_MS).unref();
  }

  /** One question at a time, however long that takes; then it has to be as quick as it always has to be. */
  async #look(): Promise<void> {
    if (this.#isProbing || this.#isUp || this.#isStopped || !this.#parts.redis.isReady) return;
    this.#isProbing = true;
    try {
      await this.#parts.redis.ping();
      await this.#inTime([this.#parts.redis.ping()]);
      await this.#bringBack();
      this.#isUp = true;
      this.#tell(true, '');
    } catch (error) {
      this.#tell(false, (error as Error).message);
      this.#lookLater();
    } finally {
      this.#isProbing = false;
    }
  }

  /** All tunnels count in Redis again, also those that were begun while it was away. */
  async #bringBack(): Promise<void> {
    const back: Ask[] = [];
    for (const [quota, holding] of this.#holdings.all()) {
      const { limit, key, insured } = holding;
      if (insured > 0)
        back.push({ kind: 'giveBack', resource: 'tunnels', limit, key, quota, amount: insured });
      holding.shared += insured;
      holding.insured = 0;
    }
    if (back.length > 0) this.#parts.insurance(back);
    this.#parts.forfeit();
    await this.#say(this.#held(), () => true);
  }

  /** How many tunnels there are of each; by parts, so that there is room for questions meanwhile. `isExact`: as in {@link holdCall}. */
  async #say(holdings: readonly Holding[], isExact: () => boolean): Promise<void> {
    for (let at = 0; at < holdings.length; at += SAID_AT_ONCE) {
      const some = holdings.slice(at, at + SAID_AT_ONCE);
      await Promise.all(some.map((holding) => this.#run(holdCall(holding, this.#parts.holder, isExact()))));
    }
  }

  #held(): Holding[] {
    return [...this.#holdings.all()].map(([, holding]) => holding).filter(({ shared }) => shared > 0);
  }

  /** While something is asked nobody knows how many tunnels Redis has counted already. */
  async #renew(): Promise<void> {
    this.#holdings.forgetIdle(performance.now());
    if (!this.#isUp) return;
    try {
      await this.#say(this.#held(), () => this.#asking === 0);
    } catch (error) {
      this.#lose((error as Error).message);
    }
  }
}
