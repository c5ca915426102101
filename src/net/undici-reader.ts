/**
 * Reads from one HTTP server of the operator's, such as a cluster's API: answers that may come piece by piece for minutes. Not for
 * traffic: that goes through the pool.
 */
import { Client, type Dispatcher } from 'undici';

/** What went wrong: there was no connection, nothing came for too long, or it broke off. */
export type ReadTrouble = 'unreachable' | 'silent' | 'disconnected';

export class ReadFault extends Error {
  readonly trouble: ReadTrouble;

  constructor(trouble: ReadTrouble, cause: Error) {
    super(cause.message, { cause });
    this.trouble = trouble;
  }
}

export interface ReaderOptions {
  /** Scheme, host and port, such as `https://10.0.0.1`. */
  readonly origin: string;
  /** Authorities of its certificate, in PEM; undefined: those of the system. */
  readonly ca: string | undefined;
  /** For connecting, and for the head of an answer. */
  readonly patienceMs: number;
  /** Longest silence within an answer. */
  readonly silenceMs: number;
}

export interface Reply {
  readonly status: number;
  /** @throws {ReadFault} */
  readonly chunks: AsyncIterable<Buffer>;
}

const SILENT = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

export class Reader {
  readonly #client: Client;
  #isConnected = false;

  constructor({ origin, ca, patienceMs, silenceMs }: ReaderOptions) {
    this.#client = new Client(origin, {
      connect: { timeout: patienceMs, ...(ca === undefined ? {} : { ca }) },
      headersTimeout: patienceMs,
      bodyTimeout: silenceMs,
      pipelining: 1,
      allowH2: false,
    });
    this.#client.on('connect', () => {
      this.#isConnected = true;
    });
  }

  /** Asks by GET; one after the other. @throws {ReadFault} */
  async get(path: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
    try {
      const { statusCode, body } = await this.#client.request({ path, method: 'GET', headers });
      return { status: statusCode, chunks: this.#chunks(body) };
    } catch (error) {
      throw this.#fault(error);
    }
  }

  /** Breaks off what there is; whoever waits for it gets a fault. */
  async destroy(): Promise<void> {
    await this.#client.destroy();
  }

  async *#chunks(body: Dispatcher.ResponseData['body']): AsyncGenerator<Buffer> {
    try {
      yield* body;
    } catch (error) {
      throw this.#fault(error);
    }
  }

  #fault(error: unknown): ReadFault {
    const cause = error as NodeJS.ErrnoException;
    if (SILENT.has(String(cause.code))) return new ReadFault('silent', cause);
    return new ReadFault(this.#isConnected ? 'disconnected' : 'unreachable', cause);
  }
}
