/**
 * The connections of doctor: names looked up as clients do, TCP, TLS, and one answer read from a proxy. Each wait ends after the same
 * time, whatever the other side does, and each fault is one line.
 */
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import tls from 'node:tls';
import { hostPort } from '#net/authority.ts';
import { tlsFaultText, tlsReasonOf } from '#net/tls-fault.ts';
import { type Answer, printable } from './answer.ts';
import { AnswerReader } from './answer-reader.ts';
import { certificateOf } from './certificate.ts';
import type { Connection, Wires } from './wires.ts';

/** What went wrong, for people. */
export class WireFault extends Error {
  override readonly name = 'WireFault';
}

export interface WireOptions {
  /** How long each step may take. */
  readonly timeoutMs: number;
  /** PEM of authorities that are trusted beside the usual ones. */
  readonly ca: string | undefined;
}

interface SocketConnection extends Connection {
  readonly socket: net.Socket;
  readonly address: string;
  readonly port: number;
  /** Whose certificate was looked at; undefined without TLS. */
  readonly host: string | undefined;
}

export class SocketWires implements Wires {
  readonly #options: WireOptions;
  readonly #open = new Set<net.Socket>();

  constructor(options: WireOptions) {
    this.#options = options;
  }

  async lookUp(name: string): Promise<readonly string[]> {
    const found = await this.#within(lookup(name, { all: true }), 'no answer from DNS');
    return found.map(({ address }) => address);
  }

  async connect(addresses: readonly string[], port: number): Promise<SocketConnection> {
    const faults: string[] = [];
    for (const address of addresses) {
      const remote = hostPort(address, port);
      const socket = this.#keep(net.connect({ host: address, port, noDelay: true }));
      try {
        await this.#within(happening(socket, 'connect'), 'no answer');
        return { remote, socket, address, port, host: undefined };
      } catch (error) {
        socket.destroy();
        faults.push(`${remote}: ${(error as Error).message}`);
      }
    }
    throw new WireFault(faults.join('; '));
  }

  async secure(connection: SocketConnection, host: string) {
    const { ca } = this.#options;
    const trusted = ca === undefined ? {} : { ca: [...tls.getCACertificates('default'), ca] };
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    const { socket: beneath } = connection;
    const socket = this.#keep(
      tls.connect({ socket: beneath, host, ...name, ...trusted, rejectUnauthorized: false }),
    );
    // It ends the one beneath; on its own that one must not end first, which Node 26.10 does not survive.
    this.#open.delete(beneath);
    await this.#within(happening(socket, 'secureConnect'), 'no answer to the handshake');
    return { connection: { ...connection, socket, host }, certificate: certificateOf(socket, host) };
  }

  async again({ address, port, host }: SocketConnection): Promise<SocketConnection> {
    const connection = await this.connect([address], port);
    return host === undefined ? connection : (await this.secure(connection, host)).connection;
  }

  async ask({ socket }: SocketConnection, head: string): Promise<Answer> {
    const reader = new AnswerReader(socket);
    socket.write(head, 'latin1');
    return await this.#within(reader.answer, 'no answer', () => reader.stop());
  }

  /** Ends all connections. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #keep<Socket extends net.Socket>(socket: Socket): Socket {
    this.#open.add(socket);
    // Whoever waits hears of it; nobody else has to.
    socket.on('error', () => {});
    return socket;
  }

  /** What is read until `stop` counts. @throws {WireFault} `silence` where it takes too long, and else what went wrong */
  #within<T>(promise: Promise<T>, silence: string, stop = (): void => {}): Promise<T> {
    const late = Promise.withResolvers<never>();
    const { timeoutMs } = this.#options;
    const timer = setTimeout(() => {
      stop();
      late.reject(new WireFault(`${silence} in ${timeoutMs} ms`));
    }, timeoutMs);
    return Promise.race([promise, late.promise])
      .catch((error: unknown) => {
        throw error instanceof WireFault ? error : new WireFault(wordsFor(error), { cause: error });
      })
      .finally(() => clearTimeout(timer));
  }
}

/** Resolves at the event, and rejects when the connection breaks or closes before. */
function happening(socket: net.Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new WireFault('the other side closed the connection')));
  });
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name servers do not answer',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the other side broke the connection off',
  EPIPE: 'the other side broke the connection off',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
};

function wordsFor(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (tlsReasonOf(code) !== undefined) return tlsFaultText({ code });
  const words = WORDS[code];
  return words === undefined ? printable(message) : `${words} (${code})`;
}
