/**
 * What a policy is asked about: who, from where, to what, when. Matchers read nothing else. The transaction of the data
 * path has this shape, and so have the made-up requests of tests.
 */
import type { Host } from '#net/host.ts';
import type { IpAddress } from '#net/ip.ts';

export interface Subject {
  /** TCP address of the client, whatever its fields say. */
  readonly clientAddress: IpAddress;
  /** Name of the listener that took the connection. */
  readonly listener: string;
  /** Request method, as received (case-sensitive, RFC 9110 section 9.1). */
  readonly method: string;
  readonly host: Host;
  readonly port: number;
  /** When it is judged, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** Address under judgement; undefined until the host, where it is a name, is resolved. */
  readonly destination: IpAddress | undefined;
}
