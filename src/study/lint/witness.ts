/** A request that shows a finding, in the words of `weir explain`. */
import { instantText } from '#match/instant.ts';
import type { Subject } from '#match/subject.ts';
import { hostPort } from '#net/authority.ts';
import type { Region } from '../space/regions.ts';
import { type Space, urlOf } from '../space/space.ts';

export interface Witness {
  /** Address of the client; of several tiers, of tier 1's. */
  readonly client: string;
  readonly listener: string;
  readonly method: string;
  /** `host:port` of a CONNECT, or a URL. */
  readonly target: string;
  /** RFC 3339. */
  readonly at: string;
  /** What the name of the host is taken to lead to, where that matters. */
  readonly address?: string | undefined;
  /** Address of tier 1 as tier 2 sees it. */
  readonly via?: string | undefined;
  /** All of it in a line. */
  readonly text: string;
}

/** Requests are tried until one holds, where matchers that are not understood have a say; that they all fail proves nothing. */
const MOST_TRIES = 200;

/** A request of the region for which the check holds: the check asks the policies themselves. */
export function findRequest(
  space: Space,
  region: Region,
  holds: (subjects: readonly Subject[]) => boolean,
): readonly Subject[] | undefined {
  let tries = 0;
  for (const subjects of space.requestsIn(region)) {
    if (holds(subjects)) return subjects;
    tries += 1;
    if (tries === MOST_TRIES) break;
  }
  return undefined;
}

/**
 * The request, told; `subjects` are what each tier is asked.
 * @param first number of the first of them in the chain
 */
export function witnessOf(
  space: Space,
  [subject, beyond]: readonly Subject[],
  first = 1,
): Witness | undefined {
  if (subject === undefined) return undefined;
  const { clientAddress, listener, method, host, port, timeMs, destination } = subject;
  const isJudged = space.usesDestination && host.kind === 'name';
  const witness = {
    client: clientAddress.text,
    listener,
    method,
    target: targetOf(method, hostPort(host.text, port)),
    at: instantText(timeMs),
    address: isJudged ? destination?.text : undefined,
    via: beyond?.clientAddress.text,
  };
  return { ...witness, text: told(witness, first) };
}

function targetOf(method: string, authority: string): string {
  return method === 'CONNECT' ? authority : urlOf(authority);
}

function told(witness: Omit<Witness, 'text'>, first: number): string {
  const { client, listener, method, target, at, address, via } = witness;
  const resolved = address === undefined ? '' : ` (which is ${address})`;
  const behind = via === undefined ? '' : `, through tier ${first} at ${via}`;
  return `${method} ${target}${resolved} from ${client} on listener ${listener} at ${at}${behind}`;
}
