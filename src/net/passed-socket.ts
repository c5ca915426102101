/**
 * Listening sockets that this process was started with, to be accepted on by others as a {@link SharedSocket} is. They are whoever's has
 * handed them over: they stay open as long as this process lives, so that a reload may let go of one and come back to it.
 */
import net, { type AddressInfo } from 'node:net';
import { handleIn, type ListeningSocket } from './shared-socket.ts';

/** A socket that a listener names, and that was not handed over, or cannot be listened on. */
export class PassedSocketFault extends Error {
  override readonly name = 'PassedSocketFault';
}

const CURE = 'Name it by FileDescriptorName= in the socket unit, start that unit, and restart Weir';

export class PassedSockets {
  readonly #descriptors: ReadonlyMap<string, readonly number[]>;
  readonly #taken = new Map<string, ListeningSocket>();
  /** What was wrong with others: its descriptor may be closed, and its number another's by now. */
  readonly #faults = new Map<string, unknown>();

  /** `descriptors` by the names that sockets have. */
  constructor(descriptors: ReadonlyMap<string, readonly number[]> = new Map()) {
    this.#descriptors = descriptors;
  }

  /** The same one each time. @throws {PassedSocketFault} @throws {UnsuitableNode} its Sockets have no handle to send */
  take(name: string): ListeningSocket {
    if (this.#faults.has(name)) throw this.#faults.get(name);
    try {
      const taken = this.#taken.get(name) ?? open(name, this.#only(name));
      this.#taken.set(name, taken);
      return taken;
    } catch (error) {
      this.#faults.set(name, error);
      throw error;
    }
  }

  #only(name: string): number {
    const [descriptor, ...more] = this.#descriptors.get(name) ?? [];
    if (descriptor === undefined) {
      const names = [...this.#descriptors.keys()].map((one) => `"${one}"`).join(', ') || 'none';
      throw new PassedSocketFault(`No socket "${name}" was handed over (${names}). ${CURE}`);
    }
    if (more.length === 0) return descriptor;
    const fix = 'Give each a unit with a FileDescriptorName= of its own';
    throw new PassedSocketFault(`${more.length + 1} sockets "${name}" were handed over. ${fix}`);
  }
}

function open(name: string, fd: number): ListeningSocket {
  const owner = ownerOf(name, fd);
  const address = owner.address() as Partial<AddressInfo>;
  if (address.port === undefined) {
    owner.destroy();
    throw new PassedSocketFault(
      `Socket "${name}" is none of TCP. Write an address and port as its ListenStream=`,
    );
  }
  return { address: address as AddressInfo, handle: handleIn(owner), close() {} };
}

/** A socket that nothing is read of, and that keeps no process alive. */
function ownerOf(name: string, fd: number): net.Socket {
  try {
    return new net.Socket({ fd, readable: false, writable: false });
  } catch (cause) {
    throw new PassedSocketFault(`Socket "${name}" is no socket that can be listened on. ${CURE}`, { cause });
  }
}
