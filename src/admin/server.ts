/**
 * The admin address: health, readiness and metrics over HTTP, read-only. Never a proxy: a CONNECT or an absolute-form
 * target is refused. Owns its own limits, so that no scraper and no slow client can harm the data path.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { bindFault } from '#net/bind-fault.ts';
import type { InForce } from '#study/tier.ts';
import { Connections } from './connections.ts';
import { StatusPage } from './page/status-page.ts';

export interface AdminOptions {
  /** IP address to listen on. */
  readonly host: string;
  readonly port: number;
  readonly health: () => { readonly ready: boolean; readonly reasons: readonly string[] };
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  /** What serves now; undefined: there is no status page. */
  readonly inForce?: () => InForce;
  readonly log: { error(fields: object, message: string): void };
  /** How long one answer may take to reach its client. @default 10 s */
  readonly answerTimeoutMs?: number;
  /** @default {@link MAX_CONNECTIONS} */
  readonly maxConnections?: number;
}

export interface Admin {
  /** Where it listens, with the port that the system chose where it was 0. */
  readonly address: AddressInfo;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const MAX_CONNECTIONS = 256;
const MAX_HEAD_BYTES = 8 * 1024;

const TEXT = 'text/plain; charset=utf-8';
const NOT_A_PROXY: Answer = { status: 400, body: 'This is the admin address, not a proxy\n' };
const NOT_ALLOWED: Answer = { status: 405, body: 'Only GET and HEAD\n', headers: { Allow: 'GET, HEAD' } };
const INDEX =
  '/healthz  whether the process runs\n/readyz   whether it takes traffic, and why not\n/metrics  for Prometheus\n/status   for people\n/explain  what the policy would say\n';

const NO_SUCH_PAGE: Answer = { status: 404, body: `No such page\n${INDEX}` };

/** @throws {Error} where the address cannot be bound */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const pages = new Pages(options);
  const connections = new Connections(options.maxConnections ?? MAX_CONNECTIONS);
  const server = http.createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      if (connections.begin(request.socket, response)) void pages.serve(request, response);
    },
  );
  server.on('connection', (socket) => connections.open(socket));
  server.on('connect', (_request: IncomingMessage, socket: Socket) => refuseConnect(socket));
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void =>
      reject(bindFault('the admin address', options, cause));
    server.once('error', onError);
    server.listen(options.port, options.host, () => {
      server.off('error', onError);
      resolve();
    });
  });
  server.on('error', (err) => options.log.error({ err }, 'Admin server failed'));
  return {
    address: server.address() as AddressInfo,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Node leaves the socket of a CONNECT to whoever listens for it. */
function refuseConnect(socket: Socket): void {
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nConnection: close\r\nContent-Type: ${TEXT}\r\n` +
      `Content-Length: ${NOT_A_PROXY.body.length}\r\n\r\n${NOT_A_PROXY.body}`,
    () => socket.destroy(),
  );
}

class Pages {
  readonly #options: AdminOptions;
  /** Scrapes that come while one is being rendered get that one. */
  #rendering: Promise<string> | undefined = undefined;
  readonly #status: StatusPage | undefined;

  constructor(options: AdminOptions) {
    this.#options = options;
    const { inForce, health } = options;
    this.#status = inForce && new StatusPage({ inForce, health, scrape: () => this.#scrape() });
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const timer = setTimeout(() => response.destroy(), this.#options.answerTimeoutMs ?? 10_000);
    response.once('close', () => clearTimeout(timer));
    try {
      send(response, await this.#answer(request));
    } catch (err) {
      this.#options.log.error({ err }, 'Cannot answer on the admin address');
      send(response, { status: 500, body: 'This page failed; see the log\n' });
    }
  }

  #answer(request: IncomingMessage): Answer | Promise<Answer> {
    const { method, url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return NOT_ALLOWED;
    if (!url.startsWith('/')) return NOT_A_PROXY;
    const [path = '', query = ''] = url.split(/\?(.*)/s, 2);
    switch (path) {
      case '/':
        return request.headers.accept?.includes('text/html')
          ? this.#overview(query)
          : { status: 200, body: INDEX };
      case '/status':
        return this.#overview(query);
      case '/explain':
        return this.#status?.explanation(new URLSearchParams(query)) ?? NO_SUCH_PAGE;
      case '/healthz':
        return { status: 200, body: 'ok\n' };
      case '/readyz':
        return this.#readiness(request);
      case '/metrics':
        return this.#metrics();
      default:
        return NO_SUCH_PAGE;
    }
  }

  #overview(query: string): Answer | Promise<Answer> {
    return this.#status?.overview(new URLSearchParams(query)) ?? NO_SUCH_PAGE;
  }

  #readiness(request: IncomingMessage): Answer {
    const { ready, reasons } = this.#options.health();
    const status = ready ? 200 : 503;
    if (request.headers.accept?.includes('application/json')) {
      return { status, body: `${JSON.stringify({ ready, reasons })}\n`, type: 'application/json' };
    }
    return {
      status,
      body: ready ? 'ready\n' : `not ready\n${reasons.map((reason) => `${reason}\n`).join('')}`,
    };
  }

  async #metrics(): Promise<Answer> {
    return { status: 200, body: await this.#scrape(), type: this.#options.metrics.contentType };
  }

  #scrape(): Promise<string> {
    this.#rendering ??= this.#options.metrics.render().finally(() => {
      this.#rendering = undefined;
    });
    return this.#rendering;
  }
}

/** Node leaves out the body itself where the request is HEAD. */
function send(response: ServerResponse, { status, body, type = TEXT, headers = {} }: Answer): void {
  response.writeHead(status, {
    ...headers,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
