/** A subject to put one address after another into. */
import type { Subject } from '#match/subject.ts';
import type { IpAddress } from '#net/ip.ts';

/** A copy of a subject whose address can be set. */
export type AddressView = Subject & { destination: IpAddress | undefined };

/** Field by field: a transaction's own fields may be getters. */
export function viewOf(subject: Subject): AddressView {
  return {
    clientAddress: subject.clientAddress,
    listener: subject.listener,
    method: subject.method,
    host: subject.host,
    port: subject.port,
    timeMs: subject.timeMs,
    destination: undefined,
    requestUrl: subject.requestUrl,
    headers: subject.headers,
    user: subject.user,
    identity: subject.identity,
    clientCert: subject.clientCert,
    sni: subject.sni,
  };
}
