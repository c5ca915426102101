/**
 * What workers are to serve: one configuration with its listening sockets. The supervisor holds the sockets, so that they
 * listen on whatever becomes of the workers.
 */
import type { Config, ListenerOptions } from '#config/config.ts';
import { bindFault } from '#net/bind-fault.ts';
import { OwnAddresses } from '#net/own-addresses.ts';
import { OwnPorts, ownPort } from '#net/own-ports.ts';
import type { PassedSockets } from '#net/passed-socket.ts';
import { type ListeningSocket, SharedSocket } from '#net/shared-socket.ts';
import { keyOf } from './protocol.ts';

export interface Orders {
  readonly config: Config;
  /** By {@link keyOf} the listener. */
  readonly sockets: ReadonlyMap<string, ListeningSocket>;
}

/**
 * Binds what `config` listens on and `previous` does not, or takes it out of `passed`.
 * @throws {Error} which one cannot be bound, and why; nothing stays open
 */
export function draftOrders(config: Config, passed: PassedSockets, previous?: Orders): Orders {
  const sockets = new Map<string, ListeningSocket>();
  const orders = { config, sockets };
  try {
    for (const listener of config.listeners) {
      const key = keyOf(listener);
      sockets.set(key, previous?.sockets.get(key) ?? socketFor(listener, passed));
    }
  } catch (error) {
    closeSockets(orders, previous);
    throw error;
  }
  return orders;
}

function socketFor(listener: ListenerOptions, passed: PassedSockets): ListeningSocket {
  return listener.socket === undefined ? bind(listener) : passed.take(listener.socket);
}

function bind(listener: ListenerOptions): SharedSocket {
  try {
    return new SharedSocket(listener);
  } catch (cause) {
    throw bindFault(`listener "${listener.name}"`, listener, cause as NodeJS.ErrnoException);
  }
}

const HOST = new OwnAddresses();

/** Where connections come back to whoever serves `orders`; the admin server, on that port, is the supervisor's. */
export function ownPortsOf({ config, sockets }: Orders, adminPort: number): OwnPorts {
  const listeners = config.listeners.map((one) =>
    ownPort(one.host, sockets.get(keyOf(one))?.address.port ?? one.port),
  );
  return new OwnPorts([...listeners, ownPort(config.admin.host, adminPort)], HOST);
}

/** Lets go of the sockets of `orders`, but for those that are `kept`'s as well. */
export function closeSockets(orders: Orders, kept?: Orders): void {
  const keep = new Set(kept?.sockets.values());
  for (const socket of orders.sockets.values()) if (!keep.has(socket)) socket.close();
}
