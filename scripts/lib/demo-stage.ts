/**
 * What the demo plays on, beside the two tiers: a TLS server that answers as login.microsoft.com with a certificate made on
 * the spot, and a tap in front of tier 1 that keeps what the client is sent, because curl never shows the body of a refused
 * CONNECT.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ORIGIN_NAME = 'login.microsoft.com';
export const ORIGIN_ANSWER = 'Hello from the origin';

interface Running extends AsyncDisposable {
  readonly port: number;
}

export interface StageOrigin extends Running {
  /** Its certificate, which a client must be told to trust. */
  readonly caFile: string;
}

/** Serves TLS as {@link ORIGIN_NAME} on a free port; key and certificate go to `folder`. */
export async function startOrigin(folder: string): Promise<StageOrigin> {
  const [caFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'origin.key')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const subject = ['-subj', `/CN=${ORIGIN_NAME}`, '-addext', `subjectAltName=DNS:${ORIGIN_NAME}`];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, '-out', caFile, '-days', '2', ...subject]);
  const options = { key: await readFile(keyFile), cert: await readFile(caFile) };
  const server = https.createServer(options, (_request, response) => {
    response.setHeader('Connection', 'close');
    response.end(`${ORIGIN_ANSWER}\n`);
  });
  return { ...(await run(server)), caFile };
}

/** A relay to a port that keeps what it carries back. */
export interface Tap extends Running {
  /** Everything sent so far to the client that connected last. */
  sent(): string;
}

export async function startTap(port: number): Promise<Tap> {
  let last: readonly Buffer[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const proxy = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    // Its own for each: the end of one connection may come when the next has begun.
    const sent: Buffer[] = [];
    last = sent;
    proxy.on('data', (chunk: Buffer) => sent.push(chunk));
    for (const [from, to] of [
      [client, proxy],
      [proxy, client],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
    }
  });
  return { ...(await run(server)), sent: () => Buffer.concat(last).toString('latin1') };
}

/** Listens on a free port until disposed of. */
async function run(server: net.Server): Promise<Running> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
