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
  /** Name of a socket that systemd hands over, whose address nobody knows before; `ip` and `port` say so. */
  readonly socket?: string;
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

const PASSED_SOCKET = /^systemd:([\w.-]{1,255})$/;
/** Any address, and a port that is not known: what is said of it is true of whatever the socket is bound to. */
const UNKNOWN = { ip: parseIp('::') as IpAddress, port: 0 };

/**
 * Reads what {@link parseListenAddress} does, or `systemd:weir`.
 * @throws {Error} naming the text and the fix
 */
export function parseListenerAddress(text: string): ListenAddress {
  if (!text.startsWith('systemd:')) return parseListenAddress(text);
  const socket = PASSED_SOCKET.exec(text)?.[1];
  if (socket !== undefined) return { ...UNKNOWN, socket };
  throw new Error(
    `Address "${text}" names no socket, write the FileDescriptorName= of its unit, as in "systemd:weir"`,
  );
}

/** Whether binding one would keep the other from being bound. `[::]` takes IPv4 too (Node binds it dual-stack). */
export function isCollision(a: ListenAddress, b: ListenAddress): boolean {
  if (a.socket !== undefined && a.socket === b.socket) return true;
  if (a.port !== b.port || a.port === 0) return false;
  return isSameIp(a.ip, b.ip) || covers(a.ip, b.ip) || covers(b.ip, a.ip);
}

function covers(any: IpAddress, ip: IpAddress): boolean {
  return isUnspecified(any) && (any.family === 6 || ip.family === 4);
}
