/**
 * Whether a connection to an address and port would come back to this process. Whoever dials asks here first, be it for a client's
 * target or for a peer: what comes back comes from this host, and would be believed as that.
 */
import { type IpAddress, isLoopback, isUnspecified, parseIp } from './ip.ts';

/** A port on which this process takes connections. */
export interface OwnPort {
  /** Undefined or unspecified: every address of this host. */
  readonly address: IpAddress | undefined;
  readonly port: number;
}

/** The addresses of this host, by their canonical texts. */
export interface OwnHost {
  has(text: string): boolean;
}

const ANY = 'any';

/** That of whoever listens on `host`, an IP address. */
export function ownPort(host: string, port: number): OwnPort {
  return { address: parseIp(host), port };
}

export class OwnPorts {
  readonly #host: OwnHost;
  /** By port: canonical texts of what it is bound to, or `any`. */
  readonly #bound = new Map<number, Set<string>>();

  constructor(ports: readonly OwnPort[], host: OwnHost) {
    this.#host = host;
    for (const { address, port } of ports) {
      const text = address === undefined || isUnspecified(address) ? ANY : address.text;
      this.#bound.set(port, (this.#bound.get(port) ?? new Set()).add(text));
    }
  }

  /** Whether a dial there would end here. The unspecified address means this host to a dial. */
  has(address: IpAddress, port: number): boolean {
    const bound = this.#bound.get(port);
    if (bound === undefined) return false;
    if (isUnspecified(address) || bound.has(address.text)) return true;
    return bound.has(ANY) && (isLoopback(address) || this.#host.has(address.text));
  }
}
