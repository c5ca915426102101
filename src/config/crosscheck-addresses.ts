/** Addresses to bind: no two of listeners and admin may want the same one, and no peer may be one of them. */
import { isLoopback, isSameIp, isUnspecified } from '#net/ip.ts';
import { isCollision, type ListenAddress } from './listen-address.ts';
import type { Outline } from './outline.ts';
import { type Flaw, formatPath } from './problems.ts';

/** One flaw per address that an earlier one has already taken; the admin address comes last. */
export function checkAddresses(outline: Outline): Flaw[] {
  return [...checkBinds(outline), ...checkPeers(outline)];
}

function checkBinds({ addresses }: Outline): Flaw[] {
  return addresses.flatMap(({ path, address }, index): Flaw[] => {
    const taken = addresses.slice(0, index).find((earlier) => isCollision(earlier.address, address));
    if (taken === undefined) return [];
    const message = `Address is already taken by ${formatPath(taken.path)}`;
    const fix = address.socket === undefined ? 'Choose another port' : 'Name another socket';
    return [{ path, at: 'value', message, fix }];
  });
}

/** What a peer of that address is asked comes back. Where a name leads is seen only in traffic, which stops at `Via`. */
function checkPeers({ addresses, peerAddresses }: Outline): Flaw[] {
  return peerAddresses.flatMap(({ path, address }): Flaw[] => {
    const own = addresses.find((one) => leadsTo(address, one.address));
    if (own === undefined) return [];
    const message = `Peer is this proxy itself, by ${formatPath(own.path)}`;
    return [{ path, at: 'value', message, fix: 'Write the address of the next tier' }];
  });
}

/** A wildcard takes what comes to any address of this host, of which loopback is one for certain. */
function leadsTo(peer: ListenAddress, own: ListenAddress): boolean {
  if (peer.port !== own.port || peer.port === 0) return false;
  return isSameIp(peer.ip, own.ip) || (isUnspecified(own.ip) && isLoopback(peer.ip));
}
