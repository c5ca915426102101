/**
 * The one watch of pods of a host with workers: what it hears is told to all of them, many changes at a time, and a worker that begins is
 * told everything.
 */
import type { Config } from '#config/config.ts';
import { TROUBLES } from '#pods/api-session.ts';
import type { PodChange } from '#pods/pod.ts';
import type { PodDirectory, PodNews } from '#pods/pod-directory.ts';
import { openDirectory, openTierSize, openWatch } from '#pods/pod-reports.ts';
import type { PodWatch } from '#pods/pod-watch.ts';
import type { TierSize } from '#pods/tier-size.ts';
import type { SharedOutput } from '#record/open.ts';
import type { PodState } from '#record/pod-metrics.ts';

/** Shorter than a client waits to become known, and long enough for the changes of a rollout. */
const GATHER_MS = 20;
/** Workers are told at least so often that the API server is there. */
const CONTACT_MS = 10_000;

export class HostPods {
  readonly tierSize: TierSize;
  readonly #directory: PodDirectory;
  readonly #watch: PodWatch;
  readonly #metrics: SharedOutput['metrics']['pods'];
  readonly #tell: (news: PodNews) => void;
  #isWatching = false;
  #hasLimits = false;
  #changes: PodChange[] = [];
  #timer: NodeJS.Timeout | undefined = undefined;
  #toldMs = 0;

  constructor({ log, metrics }: Pick<SharedOutput, 'log' | 'metrics'>, tell: (news: PodNews) => void) {
    this.#tell = tell;
    this.#metrics = metrics.pods;
    this.#directory = openDirectory(log);
    this.tierSize = openTierSize(log, this.#directory);
    const onRestart = (trouble: string): void => metrics.pods.restarted(trouble);
    this.#watch = openWatch({ log, onRestart }, (news) => this.#hear(news));
    metrics.pods.observe(() => this.#state());
  }

  /** Goes by a configuration that is in force. */
  follow({ kubernetes, limits }: Config): void {
    this.#hasLimits = Object.keys(limits).length > 0;
    this.#isWatching = kubernetes !== undefined;
    if (this.#isWatching) this.#metrics.expect(TROUBLES);
    else this.#forget();
    this.#watch.follow(kubernetes);
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    this.#forget();
  }

  /** Whether they are known, where they are to be. */
  get isSynced(): boolean {
    return this.#directory.isSynced;
  }

  /** What a worker that begins has to know; undefined: nothing is known yet. */
  get all(): PodNews | undefined {
    return this.#directory.all();
  }

  #state(): PodState | undefined {
    if (!this.#isWatching) return undefined;
    const sharers = this.#hasLimits ? this.tierSize.count : undefined;
    return { pods: this.#directory.size, ageSeconds: this.#directory.ageMs / 1000, sharers };
  }

  #hear(news: PodNews): void {
    this.#directory.take(news);
    if (news.isAll) {
      this.#changes = [];
      this.#send(this.#directory.all() as PodNews);
      return;
    }
    for (const change of news.changes) this.#note(change);
    const isDue = this.#changes.length > 0 || performance.now() - this.#toldMs >= CONTACT_MS;
    if (isDue) this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  /** With the addresses that it has here: a worker that began later does not know who lost one to whom. */
  #note(change: PodChange): void {
    const known = typeof change === 'string' ? change : this.#directory.known(change.uid);
    if (known !== undefined) this.#changes.push(known);
  }

  #flush(): void {
    this.#timer = undefined;
    const changes = this.#changes;
    this.#changes = [];
    this.#send({ isAll: false, changes, ageMs: this.#directory.ageMs });
  }

  #send(news: PodNews): void {
    this.#toldMs = performance.now();
    this.#tell(news);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changes = [];
    this.#directory.clear();
  }
}
