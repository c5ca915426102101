/**
 * One conversation with a cluster's API server: with the credentials as they are in their files when it begins, for these change every
 * hour. It asks for pages of lists and for events; what these mean is watch.ts's business.
 */
import { readFile } from 'node:fs/promises';
import { Reader, ReadFault, type ReadTrouble } from '#net/undici-reader.ts';
import { jsonLines } from './json-lines.ts';

/** Which API server, and as whom. */
export interface ApiOptions {
  /** Undefined: nobody has said. */
  readonly server: string | undefined;
  /** Undefined: as nobody. */
  readonly tokenFile: string | undefined;
  /** Undefined: by the authorities of the system. */
  readonly caFile: string | undefined;
}

/**
 * Why a conversation is over: `ended` in order, `expired` what it asked for is too old to be told, `refused` we may not, `failed` the
 * server could not, `malformed` what it said makes no sense, `credentials` a file cannot be read.
 */
export type Trouble = ReadTrouble | (typeof OWN_TROUBLES)[number];

const OWN_TROUBLES = ['ended', 'expired', 'refused', 'failed', 'malformed', 'credentials'] as const;

/** All of them. */
export const TROUBLES: readonly Trouble[] = [...OWN_TROUBLES, 'unreachable', 'silent', 'disconnected'];

export class ApiFault extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble, message: string, cause?: unknown) {
    super(message, { cause });
    this.trouble = trouble;
  }
}

/** An object of Kubernetes has at most 1.5 MiB, in a spelling that is shorter. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;
const MAX_PAGE_BYTES = 128 * 1024 * 1024;
/** A server that starts is slow. */
const PATIENCE_MS = 30_000;
/** Bookmarks come once a minute; without any the watch begins anew from where it was. */
const SILENCE_MS = 90_000;
const MAX_MESSAGE = 300;

/** For tests, which do not wait. */
export interface Patience {
  readonly patienceMs?: number;
  readonly silenceMs?: number;
}

export class ApiSession {
  readonly #reader: Reader;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #onBytes: () => void;

  private constructor(reader: Reader, token: string | undefined, onBytes: () => void) {
    this.#reader = reader;
    this.#onBytes = onBytes;
    this.#headers = {
      accept: 'application/json',
      'user-agent': 'weir',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  /** `onBytes` is told whenever the server says something. @throws {ApiFault} */
  static async open(
    { server, tokenFile, caFile }: ApiOptions,
    onBytes: () => void,
    { patienceMs = PATIENCE_MS, silenceMs = SILENCE_MS }: Patience = {},
  ): Promise<ApiSession> {
    if (server === undefined) throw new ApiFault('credentials', 'No API server is known');
    const [ca, token] = [await textIn(caFile), await textIn(tokenFile)];
    try {
      const reader = new Reader({ origin: server, ca, patienceMs, silenceMs });
      return new ApiSession(reader, token?.trim(), onBytes);
    } catch (error) {
      throw new ApiFault('credentials', (error as Error).message, error);
    }
  }

  /** One JSON value. @throws {ApiFault} */
  async page(path: string): Promise<unknown> {
    return await inOwnWords(async () => {
      const chunks = await this.#ask(path);
      return JSON.parse((await whole(chunks, MAX_PAGE_BYTES)).toString());
    });
  }

  /** JSON values as they come. @throws {ApiFault} */
  async *events(path: string): AsyncGenerator<unknown> {
    try {
      const chunks = await this.#ask(path);
      yield* jsonLines(chunks, MAX_LINE_BYTES);
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** Ends it, whatever is under way. */
  async close(): Promise<void> {
    await this.#reader.destroy();
  }

  async #ask(path: string): Promise<AsyncIterable<Buffer>> {
    const { status, chunks } = await this.#reader.get(path, this.#headers);
    this.#onBytes();
    if (status === 200) return this.#heard(chunks);
    throw refusal(status, await whole(chunks, MAX_LINE_BYTES).catch(() => Buffer.alloc(0)));
  }

  async *#heard(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#onBytes();
      yield chunk;
    }
  }
}

/** An error as Kubernetes tells it (`kind: Status`), as the body of an answer or amid a watch. */
export function faultOfStatus(value: unknown): ApiFault {
  const { code, message } = Object(value) as { readonly code?: unknown; readonly message?: unknown };
  const said = typeof message === 'string' ? `: ${message.slice(0, MAX_MESSAGE)}` : '';
  return new ApiFault(troubleOf(code), `The API server says ${code}${said}`);
}

function troubleOf(code: unknown): Trouble {
  if (code === 410) return 'expired';
  return code === 401 || code === 403 ? 'refused' : 'failed';
}

function refusal(status: number, body: Buffer): ApiFault {
  try {
    return faultOfStatus({ ...(JSON.parse(body.toString()) as object), code: status });
  } catch {
    return faultOfStatus({ code: status });
  }
}

async function textIn(file: string | undefined): Promise<string | undefined> {
  try {
    return file === undefined ? undefined : await readFile(file, 'utf8');
  } catch (error) {
    throw new ApiFault(
      'credentials',
      `Cannot read "${file}": ${(error as NodeJS.ErrnoException).code}`,
      error,
    );
  }
}

async function whole(chunks: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw new SyntaxError(`The answer has more than ${maxBytes} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

async function inOwnWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw faultOf(error);
  }
}

function faultOf(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  if (error instanceof ReadFault) return new ApiFault(error.trouble, error.message, error);
  return new ApiFault('malformed', (error as Error).message, error);
}
