/**
 * The PROXY protocol (haproxy's specification, versions 1 and 2): a header in front of a connection, by which a load balancer says
 * on whose behalf it connects. Strict and bounded: what is not exactly such a header is none.
 */
import { parseIp } from './ip.ts';
import type { Place } from './leg.ts';

export type ProxyHeader =
  /** It may become one. */
  | { readonly kind: 'more' }
  /** `client`: on whose behalf it is; undefined where the balancer speaks for itself (LOCAL), or does not know (UNKNOWN, UNSPEC). */
  | { readonly kind: 'header'; readonly length: number; readonly client: Place | undefined }
  | { readonly kind: 'malformed'; readonly why: string };

const MORE: ProxyHeader = Object.freeze({ kind: 'more' });

/** Of a line of version 1, its end included. */
const MAX_LINE_BYTES = 107;
/** Of version 2, and as much as senders have to keep to: what is behind the addresses is skipped. */
export const MAX_PROXY_HEADER_BYTES = 536;

const TEXT_PREFIX = Buffer.from('PROXY ', 'latin1');
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** Signature, version and command, family and protocol, length. */
const FIXED_BYTES = 16;

const VERSION_2 = 2;
const Command = { Local: 0, Proxy: 1 } as const;
/** Family and transport in one byte; datagrams and Unix sockets have no place in front of a proxy over TCP. */
const Transport = { Unspecified: 0x00, Tcp4: 0x11, Tcp6: 0x21 } as const;
const TCP4_BYTES = 12;
const TCP6_BYTES = 36;

/** Reads what a connection begins with. However much of it there is, the answer is that of all bytes up to the header's end. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (beginsAs(bytes, SIGNATURE)) return readBinary(bytes);
  if (beginsAs(bytes, TEXT_PREFIX)) return readLine(bytes);
  return malformed('there is none');
}

/** As far as there is something to compare. */
function beginsAs(bytes: Buffer, prefix: Buffer): boolean {
  const length = Math.min(bytes.length, prefix.length);
  return bytes.subarray(0, length).equals(prefix.subarray(0, length));
}

function malformed(why: string): ProxyHeader {
  return { kind: 'malformed', why };
}

const LINE = /^PROXY TCP([46]) ([\d.:a-fA-F]+) ([\d.:a-fA-F]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/;

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf('\r\n');
  if (end < 0)
    return bytes.length < MAX_LINE_BYTES
      ? MORE
      : malformed(`its line is longer than ${MAX_LINE_BYTES} bytes`);
  const line = bytes.toString('latin1', 0, end);
  const length = end + 2;
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { kind: 'header', length, client: undefined };
  const [, family, source = '', destination = '', port, otherPort] = LINE.exec(line) ?? [];
  const isRight = [source, destination].every((address) => isOf(family, address));
  if (!isRight || Number(port) > 0xffff || Number(otherPort) > 0xffff)
    return malformed('its line cannot be read');
  return { kind: 'header', length, client: { address: source, port: Number(port) } };
}

/** Whether the text is an address of the family. */
function isOf(family: string | undefined, address: string): boolean {
  return address.includes(':') === (family === '6') && parseIp(address) !== undefined;
}

function readBinary(bytes: Buffer): ProxyHeader {
  if (bytes.length < FIXED_BYTES) return MORE;
  const versionAndCommand = bytes[12] as number;
  const transport = bytes[13] as number;
  const rest = bytes.readUInt16BE(14);
  const length = FIXED_BYTES + rest;
  const why = faultOf({ version: versionAndCommand >> 4, command: versionAndCommand & 0xf, transport, rest });
  if (why !== undefined) return malformed(why);
  if (bytes.length < length) return MORE;
  const isProxied = (versionAndCommand & 0xf) === Command.Proxy && transport !== Transport.Unspecified;
  return { kind: 'header', length, client: isProxied ? clientIn(bytes, transport) : undefined };
}

interface Fixed {
  readonly version: number;
  readonly command: number;
  readonly transport: number;
  /** Bytes that follow. */
  readonly rest: number;
}

function faultOf({ version, command, transport, rest }: Fixed): string | undefined {
  if (version !== VERSION_2) return `its version is ${version}`;
  if (FIXED_BYTES + rest > MAX_PROXY_HEADER_BYTES) return `it is longer than ${MAX_PROXY_HEADER_BYTES} bytes`;
  // Of LOCAL the rest is skipped, whatever it is.
  if (command === Command.Local) return undefined;
  if (command !== Command.Proxy) return `its command is ${command}`;
  const least = LEAST_BYTES.get(transport);
  if (least === undefined) return 'it is not of TCP over IPv4 or IPv6';
  return rest < least ? 'it is too short for its addresses' : undefined;
}

/** By transport, what its addresses take. */
const LEAST_BYTES: ReadonlyMap<number, number> = new Map([
  [Transport.Unspecified, 0],
  [Transport.Tcp4, TCP4_BYTES],
  [Transport.Tcp6, TCP6_BYTES],
]);

/** Addresses of source and destination, then their ports. */
function clientIn(bytes: Buffer, transport: number): Place {
  const isV4 = transport === Transport.Tcp4;
  const size = isV4 ? 4 : 16;
  const source = bytes.subarray(FIXED_BYTES, FIXED_BYTES + size);
  const address = isV4 ? source.join('.') : source.toString('hex').replace(/.{4}(?!$)/g, '$&:');
  return { address, port: bytes.readUInt16BE(FIXED_BYTES + 2 * size) };
}
