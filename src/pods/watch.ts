/**
 * Follows one kind of thing in a cluster: a list in pages, then every change from there on, as the Kubernetes API has it
 * (docs/reference/using-api/api-concepts). Whatever ends that, it begins again from where it was, or, where the server does not know
 * that any more or what it said made no sense, with a new list.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  ApiFault,
  type ApiOptions,
  ApiSession,
  faultOfStatus,
  type Patience,
  type Trouble,
} from './api-session.ts';
import { mapping } from './mapping.ts';
import { RetryDelay } from './retry-delay.ts';

/** What is followed, and how it is read. */
export interface Followed<T> {
  /** Path of its list, with a query that selects. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** A thing as it is; undefined where it cannot be read. */
  readonly read: (object: unknown) => T | undefined;
  /** A thing that is gone. */
  readonly gone: (object: unknown) => T | undefined;
}

/** Who hears of it. */
export interface WatchSink<T> {
  /** All that there are now. */
  replace(things: readonly T[]): void;
  change(thing: T): void;
  /** The server has said something, be it that nothing has changed. */
  contact(): void;
  /** It begins again: why, and in how many milliseconds. */
  restart(why: ApiFault, waitMs: number): void;
}

export interface WatchParts<T> {
  readonly api: ApiOptions;
  readonly followed: Followed<T>;
  readonly sink: WatchSink<T>;
  readonly patience?: Patience;
  /** @default of timers */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Things for each page of a list: a page of pods is then about a megabyte, which takes a few milliseconds to read. */
const PAGE = 200;
/** More than a cluster holds. */
const MAX_PAGES = 2000;
/** The server ends a watch after so long; in between, so that not all begin again at once. */
const [LEAST_WATCH_S, MOST_WATCH_S] = [240, 480];

/** After these what was heard so far holds, and is gone on from. */
const GOES_ON: ReadonlySet<Trouble> = new Set([
  'ended',
  'unreachable',
  'silent',
  'disconnected',
  'credentials',
]);

export class Watch<T> {
  readonly #parts: WatchParts<T>;
  readonly #retryDelay = new RetryDelay();
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #session: ApiSession | undefined = undefined;
  /** Since when it follows changes, in this conversation. */
  #followedMs: number | undefined = undefined;
  /** From where changes are wanted; undefined: there is no list yet. */
  #version: string | undefined = undefined;

  /** Begins at once. */
  constructor(parts: WatchParts<T>) {
    this.#parts = parts;
    this.#done = this.#run();
  }

  /** Ends it; nobody hears anything any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#session?.close();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { sink, wait = pause } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#followedMs = undefined;
      const why = await this.#converse();
      if (signal.aborted) return;
      if (!GOES_ON.has(why.trouble)) this.#version = undefined;
      const waitMs = this.#retryDelay.next(this.#livedMs());
      sink.restart(why, waitMs);
      await wait(waitMs, signal);
    }
  }

  /** A list that took long and led to nothing has not gone well. */
  #livedMs(): number {
    return this.#followedMs === undefined ? 0 : performance.now() - this.#followedMs;
  }

  /** Says why it is over. */
  async #converse(): Promise<ApiFault> {
    const why = await this.#listen();
    await this.#session?.close();
    this.#session = undefined;
    return why;
  }

  async #listen(): Promise<ApiFault> {
    const { api, patience } = this.#parts;
    try {
      this.#session = await ApiSession.open(api, () => this.#contact(), patience);
      this.#stopping.signal.throwIfAborted();
      this.#version ??= await this.#list(this.#session);
      await this.#follow(this.#session, this.#version);
      return new ApiFault('ended', 'The server has ended the watch');
    } catch (error) {
      // Anything else is a fault of our own, and no reason to be without pods.
      return error instanceof ApiFault ? error : new ApiFault('malformed', String(error), error);
    }
  }

  #contact(): void {
    this.#stopping.signal.throwIfAborted();
    this.#parts.sink.contact();
  }

  /** The version that the list is of. */
  async #list(session: ApiSession): Promise<string> {
    const { followed, sink } = this.#parts;
    const things: T[] = [];
    let rest: string | undefined;
    for (let count = 0; count < MAX_PAGES; count += 1) {
      const page = pageOf(await session.page(this.#url({ limit: `${PAGE}`, continue: rest })));
      things.push(...page.items.flatMap((item) => followed.read(item) ?? []));
      this.#stopping.signal.throwIfAborted();
      rest = page.rest;
      if (rest !== undefined) continue;
      sink.replace(things);
      return page.version;
    }
    throw new ApiFault('malformed', `A list has more than ${MAX_PAGES} pages`);
  }

  async #follow(session: ApiSession, resourceVersion: string): Promise<void> {
    const seconds = LEAST_WATCH_S + Math.floor(Math.random() * (MOST_WATCH_S - LEAST_WATCH_S));
    const url = this.#url({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${seconds}`,
      resourceVersion,
    });
    this.#followedMs = performance.now();
    for await (const event of session.events(url)) {
      this.#stopping.signal.throwIfAborted();
      this.#hear(event);
    }
  }

  #hear(event: unknown): void {
    const { type, object } = mapping(event);
    if (type === 'ERROR') throw faultOfStatus(object);
    const { resourceVersion } = mapping(mapping(object).metadata);
    if (typeof resourceVersion !== 'string' || resourceVersion === '')
      throw new ApiFault('malformed', `An event ${JSON.stringify(type)} has no version`);
    const thing = this.#thingOf(type, object);
    if (thing !== undefined) this.#parts.sink.change(thing);
    this.#version = resourceVersion;
  }

  #thingOf(type: unknown, object: unknown): T | undefined {
    const { read, gone } = this.#parts.followed;
    if (type === 'ADDED' || type === 'MODIFIED') return read(object);
    return type === 'DELETED' ? gone(object) : undefined;
  }

  #url(query: Readonly<Record<string, string | undefined>>): string {
    const { followed } = this.#parts;
    const given = Object.entries({ ...followed.query, ...query }).filter(([, value]) => value !== undefined);
    return `${followed.path}?${new URLSearchParams(Object.fromEntries(given) as Record<string, string>)}`;
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly version: string;
  /** Where the list goes on; undefined: it is whole. */
  readonly rest: string | undefined;
}

function pageOf(value: unknown): Page {
  const { items, metadata } = mapping(value);
  const { resourceVersion, continue: rest } = mapping(metadata);
  if (typeof resourceVersion !== 'string' || !(Array.isArray(items) || items === null))
    throw new ApiFault('malformed', 'A list has no items, or no version');
  return {
    items: items ?? [],
    version: resourceVersion,
    rest: typeof rest === 'string' && rest !== '' ? rest : undefined,
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
