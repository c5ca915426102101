/**
 * The one watch of pods of a process or of a host, which goes on as long as its settings are the same. What it hears it tells as news
 * (pod-directory.ts).
 */
import type { ApiFault, ApiOptions } from './api-session.ts';
import { type PodChange, readPod, uidOf } from './pod.ts';
import type { PodNews } from './pod-directory.ts';
import { type Followed, Watch } from './watch.ts';

export interface PodWatchEvents {
  readonly onNews: (news: PodNews) => void;
  /** The watch begins again. */
  readonly onRestart: (why: ApiFault, waitMs: number) => void;
}

/** Pods that are over are of no use, and in some clusters they are the most. */
const PODS: Followed<PodChange> = {
  path: '/api/v1/pods',
  query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
  // What cannot be read is nobody, whatever it was before.
  read: (object) => readPod(object) ?? uidOf(object),
  gone: uidOf,
};

export class PodWatch {
  readonly #events: PodWatchEvents;
  #api: ApiOptions | undefined = undefined;
  #watch: Watch<PodChange> | undefined = undefined;

  constructor(events: PodWatchEvents) {
    this.#events = events;
  }

  /** Goes by other settings, or by none; by the same it goes on. */
  follow(api: ApiOptions | undefined): void {
    if (isSame(api, this.#api)) return;
    this.#api = api;
    void this.#watch?.stop();
    this.#watch = api && this.#begin(api);
  }

  async stop(): Promise<void> {
    const watch = this.#watch;
    this.#api = undefined;
    this.#watch = undefined;
    await watch?.stop();
  }

  #begin(api: ApiOptions): Watch<PodChange> {
    const { onNews, onRestart } = this.#events;
    return new Watch<PodChange>({
      api,
      followed: PODS,
      sink: {
        replace: (changes) => onNews({ isAll: true, changes, ageMs: 0 }),
        change: (change) => onNews({ isAll: false, changes: [change], ageMs: 0 }),
        contact: () => onNews(NOTHING_NEW),
        restart: onRestart,
      },
    });
  }
}

const NOTHING_NEW: PodNews = Object.freeze({ isAll: false, changes: [], ageMs: 0 });

function isSame(a: ApiOptions | undefined, b: ApiOptions | undefined): boolean {
  return a?.server === b?.server && a?.tokenFile === b?.tokenFile && a?.caFile === b?.caFile && !a === !b;
}
