/**
 * Addresses that this process binds: always an IP address, never a name, so that what listens where can be read from
 * the file and two of them can be compared.
 */
import { type IpAddress, isSameIp, isUnspecified, parseIp } from '#net/ip.ts';

/** Where the admin server listens unless the configuration says otherwise. */
export const DEFAULT_ADMIN_ADDRESS = '127.0.0.1:9128';

export interface ListenAddress {
  readonly ip: IpAddress;
  /** 0 lets the system choose. */
  readonly port: number;
}

const LISTEN_ADDRESS = /^(?:\[([^\]]*:[^\]]*)\]|([^:]*)):(0|[1-9]\d{0,4})$/;

/**
 * Reads `127.0.0.1:3128` or `[::1]:3128`.
 * @throws {Error} naming the text and the fix
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, ipv6, ipv4, digits] = LISTEN_ADDRESS.exec(text) ?? [];
  const ip = parseIp(ipv6 ?? ipv4 ?? '');
  const port = Number(digits);
  if (ip === undefined || port > 65_535) {
    throw new Error(
      `Address "${text}" cannot be listened on, write an IP address and port such as "0.0.0.0:3128"`,
    );
  }
  return { ip, port };
}

/** Whether binding one would keep the other from being bound. `[::]` takes IPv4 too (Node binds it dual-stack). */
export function isCollision(a: ListenAddress, b: ListenAddress): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  return isSameIp(a.ip, b.ip) || covers(a.ip, b.ip) || covers(b.ip, a.ip);
}

function covers(any: IpAddress, ip: IpAddress): boolean {
  return isUnspecified(any) && (any.family === 6 || ip.family === 4);
}
