/** The addresses of this host, as its interfaces have them now. */
import os from 'node:os';
import { type IpAddress, parseSystemIp } from './ip.ts';

/** Of every interface, loopback and link-local ones too. */
export function ownAddresses(): readonly IpAddress[] {
  return Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => parseSystemIp(address))
    .filter((address) => address !== undefined);
}
