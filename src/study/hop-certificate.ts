/** Which names tier 2 finds in the certificate that tier 1 shows it, as far as the files of both tell. */
import type { ListenerOptions } from '#config/config.ts';
import { isComplaint, readCertificates } from '#config/pem.ts';
import { certificateNames } from '#match/certificate-names.ts';
import type { PeerOptions } from '#peer/options.ts';
import { doorsFor } from './doors.ts';

type Peer = Pick<PeerOptions, 'address' | 'tls'>;
type Listener = Pick<ListenerOptions, 'port' | 'socket' | 'tls' | 'proxyProtocol'>;

/**
 * Names of the one certificate that all of the peers show to all of the listeners on their ports. Undefined where they show none,
 * or not the same, and where a listener asks for none or stands behind a balancer, which may end TLS.
 */
export function namesShown(
  peers: readonly Peer[],
  listeners: readonly Listener[],
): ReadonlySet<string> | undefined {
  const [first, ...others] = peers.map((peer) => certificateShown(peer, listeners));
  return first !== undefined && others.every((one) => one?.fingerprint256 === first.fingerprint256)
    ? certificateNames(first)
    : undefined;
}

function certificateShown({ address, tls }: Peer, listeners: readonly Listener[]) {
  const doors = doorsFor(listeners, address.port);
  const isAsked = doors.every((door) => door.tls?.clientCa !== undefined && door.proxyProtocol === undefined);
  if (tls?.own === undefined || doors.length === 0 || !isAsked) return undefined;
  const found = readCertificates(tls.own.cert);
  return isComplaint(found) ? undefined : found[0];
}
