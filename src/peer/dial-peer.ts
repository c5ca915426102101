/**
 * A connection to a peer: its name resolved, its addresses tried in turn, and every fault told of the peer. Told to an observer and
 * not by a promise, as all that lies between a client's CONNECT and a peer's answer: each promise there costs a tunnel a microsecond.
 */
import { ProxyError } from '#errors.ts';
import type { Abort } from '#net/abort.ts';
import { dialFault } from '#net/dial-fault.ts';
import type { Host } from '#net/host.ts';
import type { IpAddress } from '#net/ip.ts';
import type { Leg } from '#net/leg.ts';
import {
  type DialTarget,
  type DialTools,
  Opening,
  type OpeningObserver,
  type UpstreamLeg,
} from '#net/opening.ts';
import type { OwnPorts } from '#net/own-ports.ts';
import { asPeerFault } from './fault.ts';
import type { PeerOptions } from './options.ts';

/** What peers need of the process. */
export interface PeerTools extends DialTools {
  /** At once where the answer is known. */
  resolve(host: Host): readonly IpAddress[] | Promise<readonly IpAddress[]>;
  readonly connectTimeoutMs: number;
  /** Where no peer may be dialled. */
  readonly ownPorts: Pick<OwnPorts, 'has'>;
}

/** Which peer, and what stops the dial. */
export interface PeerDial {
  readonly tools: PeerTools;
  readonly options: PeerOptions;
  /** The peer's own, where it has TLS. */
  readonly tls: DialTarget['tls'];
  readonly abort: Abort;
}

/** Told of the outcome, one of the two and once; what it throws nobody catches. */
export interface DialObserver {
  /** The leg is the caller's, and in nobody's charge. */
  onDialled(leg: Leg, address: string): void;
  /** Nothing is left open: a fault of the peer, or the reason of the abort. */
  onFault(error: ProxyError): void;
}

/** Tries each address of the peer's name in turn. */
export function dialPeer(dial: PeerDial, observer: DialObserver): void {
  const begin = (addresses: readonly IpAddress[]): void =>
    new Dialling(dial, addresses, observer).tryNext(undefined);
  const fail = (error: unknown): void => observer.onFault(ProxyError.from(error));
  let addresses: ReturnType<typeof peerAddresses>;
  try {
    addresses = peerAddresses(dial.tools, dial.options);
  } catch (error) {
    fail(error);
    return;
  }
  if (addresses instanceof Promise) addresses.then(begin, fail);
  else begin(addresses);
}

class Dialling implements OpeningObserver {
  readonly #dial: PeerDial;
  readonly #addresses: readonly IpAddress[];
  readonly #observer: DialObserver;
  #tried = 0;
  #target: DialTarget | undefined = undefined;

  constructor(dial: PeerDial, addresses: readonly IpAddress[], observer: DialObserver) {
    this.#dial = dial;
    this.#addresses = addresses;
    this.#observer = observer;
  }

  /** `last` is why the address before failed. */
  tryNext(last: ProxyError | undefined): void {
    const { tools, options, tls, abort } = this.#dial;
    const ip = this.#addresses[this.#tried];
    if (ip === undefined || abort.reason !== undefined) {
      this.#observer.onFault(abort.reason ?? asPeerFault(options, last ?? noAddress()));
      return;
    }
    this.#tried += 1;
    const timeoutMs = options.connectTimeoutMs ?? tools.connectTimeoutMs;
    this.#target = { address: ip.text, port: options.address.port, timeoutMs, tls, readsAtOnce: true };
    const opening = new Opening(tools, this.#target, this);
    abort.listen((reason) => opening.stop(reason));
  }

  onOpened(leg: UpstreamLeg): void {
    this.#dial.abort.listen(undefined);
    this.#observer.onDialled(leg, (this.#target as DialTarget).address);
  }

  onFailed(error: NodeJS.ErrnoException): void {
    this.#dial.abort.listen(undefined);
    this.tryNext(dialFault(this.#target as DialTarget, error));
  }
}

function noAddress(): ProxyError {
  return new ProxyError('dns_error', { detail: 'Its name has no address' });
}

/**
 * Those of the peer's name, but for those that lead back here. At once where they are known.
 * @throws {ProxyError} `peer_unavailable` where the name does not resolve, `peer_is_self` where it leads nowhere but here
 */
export function peerAddresses(
  tools: PeerTools,
  options: PeerOptions,
): readonly IpAddress[] | Promise<readonly IpAddress[]> {
  const addresses = tools.resolve(options.address.host);
  if (!(addresses instanceof Promise)) return elsewhere(tools, options, addresses);
  return addresses.then(
    (found) => elsewhere(tools, options, found),
    (error: unknown) => {
      throw asPeerFault(options, error);
    },
  );
}

/** A name may come to lead here after the configuration was checked. */
function elsewhere(
  { ownPorts }: PeerTools,
  { name, address: { port, text } }: PeerOptions,
  addresses: readonly IpAddress[],
): readonly IpAddress[] {
  let isElsewhere = true;
  for (const ip of addresses) if (ownPorts.has(ip, port)) isElsewhere = false;
  if (isElsewhere) return addresses;
  const others = addresses.filter((ip) => !ownPorts.has(ip, port));
  if (others.length > 0) return others;
  const detail = `Cannot go through peer "${name}" (${text}): it leads back to this proxy`;
  throw new ProxyError('peer_is_self', { detail });
}
