/**
 * Connections of one listener that have to begin with a PROXY header (`proxyProtocol.from`), up to its end: from then on the client
 * is the one that it names. Where there is none the connection is closed. From elsewhere nothing is read here, and what begins with
 * such a header is no request.
 */
import { ProxyError } from '#errors.ts';
import { type IpAddress, type Network, parseSystemIp } from '#net/ip.ts';
import { type Leg, NOBODY, type Place, type Sink } from '#net/leg.ts';
import { List, type Member } from '#net/list.ts';
import { PrefixSet } from '#net/prefix-set.ts';
import { readProxyHeader } from '#net/proxy-protocol.ts';
import type { TcpLeg } from '#net/tcp-leg.ts';
import type { Deadline, Timed, Wheel } from '#net/wheel.ts';
import type { ProxyContext } from './context.ts';
import { Intake } from './intake.ts';

export class ProxyHeaders {
  readonly #intake: Intake;
  readonly #listener: () => string;
  readonly #waiting = new List<Awaited>();
  #from: PrefixSet | undefined = undefined;

  /** `listener` tells its name, which may change. */
  constructor(context: ProxyContext, listener: () => string) {
    this.#intake = new Intake(context);
    this.#listener = listener;
  }

  /** From which networks connections come with a header. */
  set from(networks: readonly Network[] | undefined) {
    this.#from = networks && new PrefixSet(networks);
  }

  /** Whether the connection has to begin with a header. */
  isDue(leg: TcpLeg): boolean {
    if (this.#from === undefined) return false;
    const ip = addressOf(leg);
    return ip !== undefined && this.#from.has(ip);
  }

  /**
   * Reads the header, within `timeouts.head`, and hands the connection on to `onProxied`: its far end is then the client that the
   * header names, and what came behind that is held by the leg.
   */
  read(leg: TcpLeg, onProxied: (leg: TcpLeg) => void): void {
    const { context } = this.#intake;
    if (!context.crowd.admits()) {
      leg.destroy();
      return;
    }
    const awaited = new Awaited(leg, context.tools.wheel, {
      onRead: (client) => {
        this.#waiting.remove(awaited);
        leg.client = client;
        onProxied(leg);
      },
      onRefused: (why) => {
        this.#waiting.remove(awaited);
        if (why !== undefined) this.#intake.recordClosed(this.#listener(), leg, missing(why));
        leg.destroy();
      },
    });
    this.#waiting.add(awaited);
    awaited.begin(context.generation.config.timeouts.head);
    leg.attach(awaited);
    leg.resume();
  }

  /** Ends the connections whose header is not whole. */
  close(): void {
    for (const awaited of this.#waiting.members()) awaited.giveUp();
  }
}

function missing(why: string): ProxyError {
  return new ProxyError('proxy_header_missing', { detail: `No PROXY header: ${why}` });
}

function addressOf({ remote }: TcpLeg): IpAddress | undefined {
  return remote && parseSystemIp(remote.address);
}

interface Outcome {
  onRead(client: Place | undefined): void;
  /** `why` is undefined where it said nothing. */
  onRefused(why: string | undefined): void;
}

/** One connection on the way to the end of its header. */
class Awaited implements Sink, Timed, Member<Awaited> {
  previous: Awaited | undefined = undefined;
  next: Awaited | undefined = undefined;
  readonly #leg: Leg;
  readonly #outcome: Outcome;
  readonly #deadline: Deadline;
  #bytes: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(leg: Leg, wheel: Wheel, outcome: Outcome) {
    this.#leg = leg;
    this.#outcome = outcome;
    this.#deadline = wheel.deadline(this);
  }

  /** It has so long. */
  begin(ms: number): void {
    this.#deadline.set(ms);
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const header = readProxyHeader(this.#bytes);
    if (header.kind === 'malformed') this.#refuse(header.why);
    if (header.kind !== 'header') return true;
    this.#end();
    leg.attach(NOBODY);
    if (header.length < this.#bytes.length) leg.hold(this.#bytes.subarray(header.length));
    this.#outcome.onRead(header.client);
    return true;
  }

  onEnd(): void {
    this.#refuse('it ended before');
  }

  onClose(): void {
    this.#refuse('it broke before');
  }

  onDeadline(): void {
    this.#refuse('it was not whole in time');
  }

  /** It is not waited for any more. */
  giveUp(): void {
    this.#refuse('the proxy shuts down');
  }

  #refuse(why: string): void {
    if (this.#isOver) return;
    this.#end();
    this.#leg.attach(NOBODY);
    this.#outcome.onRefused(this.#bytes.length === 0 ? undefined : why);
  }

  #end(): void {
    this.#isOver = true;
    this.#deadline.clear();
  }
}
