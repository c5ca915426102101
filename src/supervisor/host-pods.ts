/**
 * The one watch of pods of a host with workers: what it hears is told to all of them, many changes at a time, and a worker that begins is
 * told everything.
 */
import type { Config } from '#config/config.ts';
import { ClusterWatch, clusterStateOf } from '#pods/cluster-watch.ts';
import type { PodChange } from '#pods/pod.ts';
import type { PodDirectory, PodNews } from '#pods/pod-directory.ts';
import { openDirectory, openTierSize } from '#pods/pod-reports.ts';
import type { TierSize } from '#pods/tier-size.ts';
import type { SharedOutput } from '#record/open.ts';
import { Contact } from './contact.ts';
import { HostNamespaces } from './host-namespaces.ts';
import type { Order, StartOrder } from './protocol.ts';

/** Shorter than a client waits to become known, and long enough for the changes of a rollout. */
const GATHER_MS = 20;

type Telling = (order: Extract<Order, { kind: 'pods' | 'namespaces' }>) => void;

export class HostPods {
  readonly tierSize: TierSize;
  readonly #directory: PodDirectory;
  readonly #watch: ClusterWatch;
  readonly #tell: Telling;
  readonly #contact: Contact;
  #followed: Pick<Config, 'kubernetes' | 'limits'> = { kubernetes: undefined, limits: {} };
  #changes: PodChange[] = [];
  #timer: NodeJS.Timeout | undefined = undefined;

  /** `now` gives monotonic milliseconds; tests pass their own. */
  constructor(
    { log, metrics }: Pick<SharedOutput, 'log' | 'metrics'>,
    tell: Telling,
    now: () => number = () => performance.now(),
  ) {
    this.#tell = tell;
    this.#directory = openDirectory(log);
    this.#contact = new Contact(this.#directory, now);
    this.tierSize = openTierSize(log, this.#directory);
    const namespaces = new HostNamespaces(
      this.#directory.namespaces,
      (news) => tell({ kind: 'namespaces', news }),
      now,
    );
    this.#watch = new ClusterWatch(
      { log, metrics: metrics.pods },
      { onPods: (news) => this.#hear(news), onNamespaces: (news) => namespaces.hear(news) },
    );
    metrics.pods.observe(() => ({
      ...clusterStateOf(this.#followed, this.#directory),
      sharers: this.tierSize.sharersOf(this.#followed),
    }));
  }

  /** Goes by the first configuration, whose host waits for what it asks for. */
  start(config: Config): void {
    if (config.kubernetes?.watchesNamespaces === true) this.#directory.namespaces.expect();
    this.follow(config);
  }

  /** Learns what a configuration asks for that is about to be put in force. */
  async foresee({ kubernetes }: Config): Promise<void> {
    await this.#watch.foresee(kubernetes, this.#directory.namespaces);
  }

  /** Goes by a configuration that is in force. */
  follow(config: Config): void {
    const { kubernetes } = config;
    this.#followed = config;
    if (kubernetes === undefined) this.#forget();
    this.#watch.follow(kubernetes);
    this.#directory.heed(kubernetes);
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    this.#forget();
  }

  /** What is known of them, where they are to be. */
  get known(): Pick<PodDirectory, 'isSynced' | 'namespaces'> {
    return this.#directory;
  }

  /** What a worker that begins has to know; undefined: nothing is known yet. */
  get beginning(): Pick<StartOrder, 'pods' | 'namespaces'> {
    return { pods: this.#directory.all(), namespaces: this.#directory.namespaces.all() };
  }

  #hear(news: PodNews): void {
    this.#directory.take(news);
    if (news.isAll) {
      this.#changes = [];
      this.#send(this.#directory.all() as PodNews);
      return;
    }
    for (const change of news.changes) this.#note(change);
    if (this.#changes.length > 0 || this.#contact.isDue)
      this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
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
    this.#contact.told();
    this.#tell({ kind: 'pods', news });
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changes = [];
    this.#directory.clear();
  }
}
