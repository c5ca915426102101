/**
 * The listening addresses as a set. A reload compares: what is new opens, what is gone closes, what stays is not touched.
 * Either all of the new ones open or none does.
 */
import { bindFault } from '#net/bind-fault.ts';
import { type OwnPort, ownPort } from '#net/own-ports.ts';
import type { SocketHandle } from '#net/shared-socket.ts';
import type { ProxyContext } from './context.ts';
import { Listener, type ListenOptions } from './listener.ts';

/** Gives the bound socket that a listener is to accept on; undefined: it binds one of its own. */
export type TakeSocket = (options: ListenOptions) => SocketHandle | undefined;

export class Listeners {
  readonly #context: ProxyContext;
  readonly #takeSocket: TakeSocket;
  #open: readonly Listener[] = [];
  /** Closed by a reload, with connections left. */
  readonly #retired = new Set<Listener>();

  constructor(context: ProxyContext, takeSocket: TakeSocket = () => undefined) {
    this.#context = context;
    this.#takeSocket = takeSocket;
  }

  get all(): readonly Listener[] {
    return this.#open;
  }

  /**
   * Opens and closes what it takes to listen on exactly `wanted`; `onOpen` is called between the two.
   * @throws {Error} which one cannot be bound, and why; nothing has changed
   */
  async listenOn(wanted: readonly ListenOptions[], onOpen: () => void): Promise<void> {
    const kept = this.#open.filter((listener) => wanted.some((one) => isSame(one, listener.options)));
    const added = wanted
      .filter((one) => !kept.some((listener) => isSame(one, listener.options)))
      .map((one) => new Listener(this.#context, one));
    try {
      for (const listener of added) await open(listener, this.#takeSocket(listener.options));
    } catch (error) {
      for (const listener of added) listener.close();
      throw error;
    }
    onOpen();
    for (const listener of this.#open) if (!kept.includes(listener)) this.#retire(listener);
    for (const listener of kept)
      listener.options = wanted.find((one) => isSame(one, listener.options)) as ListenOptions;
    this.#open = [...kept, ...added];
  }

  /** Takes no more connections where `isMeant`, and lets those go on that it has, silent ones too. */
  stopAccepting(isMeant: (options: ListenOptions) => boolean = () => true): void {
    for (const listener of this.#open) if (isMeant(listener.options)) listener.stopAccepting();
  }

  /** Takes no more connections anywhere. */
  close(): void {
    for (const listener of this.#open) listener.close();
  }

  /** Ends every connection, when no transaction is waited for any more. */
  async end(): Promise<void> {
    await Promise.all([...this.#open, ...this.#retired].map((listener) => listener.end()));
  }

  #retire(listener: Listener): void {
    this.#retired.add(listener);
    listener.close(() => this.#retired.delete(listener));
  }

  /** The ports that lead back to this process. */
  ownPorts(): readonly OwnPort[] {
    return this.#open.map((listener) => ownPort(listener.options.host, listener.address.port));
  }
}

async function open(listener: Listener, socket: SocketHandle | undefined): Promise<void> {
  const { name, socket: passed } = listener.options;
  if (passed !== undefined && socket === undefined) {
    throw new Error(`Listener "${name}" cannot take over the socket "${passed}" before a restart`);
  }
  try {
    await listener.listen(socket);
  } catch (cause) {
    throw bindFault(`listener "${name}"`, listener.options, cause as NodeJS.ErrnoException);
  }
}

/** The address makes a listener, or the socket, and its name can change while it listens; the name does where the system chose the port. */
function isSame(a: ListenOptions, b: ListenOptions): boolean {
  if (a.socket !== undefined || b.socket !== undefined) return a.socket === b.socket;
  return a.host === b.host && a.port === b.port && (a.port !== 0 || a.name === b.name);
}
