/** The one watch of one kind of thing, of a process or of a host: it goes on as long as its settings are the same, and tells news. */
import type { ApiFault, ApiOptions } from './api-session.ts';
import type { News } from './news.ts';
import { type Followed, Watch } from './watch.ts';

export interface KindWatchEvents<T> {
  readonly onNews: (news: News<T>) => void;
  /** The watch begins again. */
  readonly onRestart: (why: ApiFault, waitMs: number) => void;
}

export class KindWatch<T> {
  readonly #followed: Followed<T>;
  readonly #events: KindWatchEvents<T>;
  #api: ApiOptions | undefined = undefined;
  #watch: Watch<T> | undefined = undefined;

  constructor(followed: Followed<T>, events: KindWatchEvents<T>) {
    this.#followed = followed;
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

  #begin(api: ApiOptions): Watch<T> {
    const { onNews, onRestart } = this.#events;
    return new Watch<T>({
      api,
      followed: this.#followed,
      sink: {
        replace: (changes) => onNews({ isAll: true, changes, ageMs: 0 }),
        change: (change) => onNews({ isAll: false, changes: [change], ageMs: 0 }),
        contact: () => onNews(NOTHING_NEW),
        restart: onRestart,
      },
    });
  }
}

const NOTHING_NEW: News<never> = Object.freeze({ isAll: false, changes: [], ageMs: 0 });

function isSame(a: ApiOptions | undefined, b: ApiOptions | undefined): boolean {
  return a?.server === b?.server && a?.tokenFile === b?.tokenFile && a?.caFile === b?.caFile && !a === !b;
}
