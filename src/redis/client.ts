/**
 * The connection to Redis of one process, which comes back by itself. The only file that knows the client library. What is asked while
 * there is no connection fails at once; how long to wait for an answer is the caller's to say.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createClient } from '@redis/client';
import type { RedisOptions } from '#limit/options.ts';
import { SCRIPT } from './script.ts';

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
  readonly #client: ReturnType<typeof clientTo>;
  readonly #onError: (error: Error) => void;

  constructor(options: RedisOptions, { onReady, onError }: RedisEvents) {
    this.#client = clientTo(options);
    this.#onError = onError;
    this.#client.on('ready', onReady);
    this.#client.on('error', onError);
  }

  /** Begins to connect, and goes on until {@link close}. */
  open(): void {
    this.#client.connect().catch(this.#onError);
  }

  close(): void {
    if (this.#client.isOpen) this.#client.destroy();
  }

  get isReady(): boolean {
    return this.#client.isReady;
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
    await this.#client.ping();
  }

  #send(...words: string[]): Promise<readonly [number, number]> {
    return this.#client.sendCommand(words) as Promise<unknown> as Promise<readonly [number, number]>;
  }
}

function clientTo({ host, port, tls, username, passwordFile }: RedisOptions) {
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
