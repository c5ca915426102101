/**
 * The origin's port for HTTP: `GET /N` has N bytes of the pattern, `GET /kept/N` the same for a cache to keep, `POST /digest` their SHA-256, `POST /count` no more than ok.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { COUNT_ANSWER, KEPT_NUMBER } from './answers.ts';
import { patternOf } from './pattern.ts';

/** No connection may end by itself in the middle of a run. */
const KEEP_ALIVE_MS = 3_600_000;

const bodies = new Map<string, Buffer>();

function bodyOf(path: string): Buffer {
  const known = bodies.get(path) ?? patternOf(Number(path.slice(path.lastIndexOf('/') + 1)));
  bodies.set(path, known);
  return known;
}

function answer(response: ServerResponse, body: string | Buffer): void {
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}

let kept = 0;

function give(response: ServerResponse, path: string): void {
  if (path.startsWith('/kept/')) {
    kept += 1;
    response.setHeader('Cache-Control', 'max-age=86400');
    // Whoever asks twice sees by it whether the cache has asked again.
    response.setHeader(KEPT_NUMBER, kept);
  }
  answer(response, bodyOf(path));
}

function take(request: IncomingMessage, response: ServerResponse): void {
  const hash = request.url === '/digest' ? createHash('sha256') : undefined;
  request.on('data', (bytes: Buffer) => hash?.update(bytes));
  request.on('end', () => answer(response, hash?.digest('hex') ?? COUNT_ANSWER));
}

export function createHttpServer(): Server {
  const options = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: 0 };
  return createServer(options, (request, response) => {
    if (request.method === 'POST') take(request, response);
    else give(response, request.url ?? '/0');
  });
}
