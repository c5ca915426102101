/**
 * The connection to Redis of one process, which comes back by itself. The only file that knows the client library. What is asked while
 * there is no connection fails at once; how long to wait for an answer is the caller's to say.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RedisOptions } from '#limit/options.ts';
import { SCRIPT } from './script.ts';

type Client = Awaited<ReturnType<typeof clientTo>>;

/** Between attempts to connect, and half as much again at most, so that not all come at once. */
const RETRY_MS = 500;
const CONNECT_MS = 2000;
/** A connection on which nothing comes for so long is dead; a question goes out often enough for that. */
const SILENCE_MS = 10_000;
const PING_MS = 3000;
/** Answers that may be awaited at once. */
const MAX_AWAITED = 10_000;
const DIGEST = createHash('sha1').update(SCRIPT).digest('hex');

interface RedisEvents {
  readonly onReady: () => void;
  readonly onError: (error: Error) => void;
}

/** What the counts need of it. */
export interface Counting {
  readonly isReady: boolean;
  /** Runs the script on a key. @returns how much is granted, and milliseconds until there is more */
  count(key: string, words: readonly string[]): Promise<readonly [granted: number, retryMs: number]>;
  ping(): Promise<void>;
}

export class RedisConnection implements Counting {
  readonly #options: RedisOptions;
  readonly #events: RedisEvents;
  #client: Client | undefined = undefined;
  #isClosed = false;

  constructor(options: RedisOptions, events: RedisEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Begins to connect, and goes on until {@link close}. */
  open(): void {
    this.#connect().catch(this.#events.onError);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#client?.isOpen) this.#client.destroy();
  }

  get isReady(): boolean {
    return this.#client?.isReady === true;
  }

  async count(key: string, words: readonly string[]): Promise<readonly [granted: number, retryMs: number]> {
    try {
      return await this.#send('EVALSHA', DIGEST, '1', key, ...words);
    } catch (error) {
      // Redis has forgotten it, or never knew it.
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return await this.#send('EVAL', SCRIPT, '1', key, ...words);
    }
  }

  async ping(): Promise<void> {
    await this.#connected.ping();
  }

  async #connect(): Promise<void> {
    const client = await clientTo(this.#options);
    if (this.#isClosed) return;
    this.#client = client;
    client.on('ready', this.#events.onReady);
    client.on('error', this.#events.onError);
    await client.connect();
  }

  get #connected(): Client {
    if (this.#client === undefined) throw new Error('There is no connection yet');
    return this.#client;
  }

  #send(...words: string[]): Promise<readonly [number, number]> {
    return this.#connected.sendCommand(words) as Promise<unknown> as Promise<readonly [number, number]>;
  }
}

/** Loads the library, which no process needs that counts by itself. */
async function clientTo({ host, port, tls, username, passwordFile }: RedisOptions) {
  const { createClient } = await import('@redis/client');
  const reconnectStrategy = (): number => RETRY_MS * (1 + Math.random() / 2);
  const common = { host, port, connectTimeout: CONNECT_MS, socketTimeout: SILENCE_MS, reconnectStrategy };
  return createClient({
    RESP: 2,
    socket:
      tls === undefined ? common : { ...common, tls: true, ...(tls.ca !== undefined && { ca: tls.ca }) },
    ...(passwordFile !== undefined && {
      credentialsProvider: {
        type: 'async-credentials-provider',
        credentials: async () => ({
          ...(username !== undefined && { username }),
          password: (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, ''),
        }),
      },
    }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_AWAITED,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    pingInterval: PING_MS,
  });
}
