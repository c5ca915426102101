/**
 * NO_PROXY as each runtime reads it: which entry sends a request past the proxy. No two read it alike, so each reading is
 * written down here on its own (docs/clients.md), and held to the real programs by test/peers/doctor-bypass.ts.
 */
import { type IpAddress, networkAround, parseIp } from '#net/ip.ts';
import type { Language } from '#study/proxy-env.ts';

/** Where a request goes. */
export interface Destination {
  /** In small letters. */
  readonly host: string;
  readonly port: number;
}

type Reading = (entry: string, to: Destination) => boolean;

interface List {
  readonly separator: RegExp;
  readonly matches: Reading;
}

/** Runtimes that read the list by itself; Java has one of its own. */
export type ListReader = Exclude<Language, 'java'>;

const LISTS: Readonly<Record<ListReader, List>> = {
  curl: { separator: /[,\s]+/, matches: curl },
  go: { separator: /,/, matches: go },
  python: { separator: /,/, matches: python },
  node: { separator: /[,\s]+/, matches: node },
  dotnet: { separator: /,/, matches: dotnet },
};

/** The entry of NO_PROXY that sends a request of this runtime past the proxy; undefined where none does. */
export function bypassOf(reader: ListReader, list: string, to: Destination): string | undefined {
  // As the whole list it is all, to each of them.
  if (list.trim() === '*') return reader === 'dotnet' ? undefined : '*';
  const { separator, matches } = LISTS[reader];
  const entries = list.split(separator).map((entry) => entry.trim().toLowerCase());
  return entries.find((entry) => entry !== '' && matches(entry, to));
}

/** The same of Java's `http.nonProxyHosts`. */
export function patternOf(patterns: string, { host }: Destination): string | undefined {
  return patterns.split('|').find((pattern) => {
    const text = pattern.toLowerCase().replace(/^\[(.*)\]$/, '$1');
    const name = text.replace(/^\*|\*$/g, '');
    if (text.startsWith('*') && text.endsWith('*')) return host.includes(name);
    if (text.startsWith('*')) return host.endsWith(name);
    return text.endsWith('*') ? host.startsWith(name) : host === name;
  });
}

function curl(entry: string, { host }: Destination): boolean {
  return isOrIsUnder(host, entry.replace(/^\.|\.$/g, '')) || isIn(entry, host);
}

/** A loopback address or `localhost` needs no entry there, which is the business of whoever asks. */
function go(entry: string, { host, port }: Destination): boolean {
  if (entry === '*' || isIn(entry, host)) return true;
  const [name, wanted] = splitPort(entry);
  if (wanted !== undefined && wanted !== port) return false;
  const bare = name.replace(/^\*\./, '.');
  return bare.startsWith('.') ? host.endsWith(bare) : isOrIsUnder(host, bare);
}

/** What urllib or requests does; networks are those of requests. */
function python(entry: string, { host, port }: Destination): boolean {
  const name = entry.replace(/^\.+/, '');
  return isIn(entry, host) || isOrIsUnder(host, name) || isOrIsUnder(`${host}:${port}`, name);
}

/** What node:http or fetch does: `.x` is x itself to the one, and to the other x what is under it and `*x` any ending. */
function node(entry: string, { host, port }: Destination): boolean {
  if (entry === '*') return true;
  const [name, wanted] = splitPort(entry);
  if (wanted !== undefined && wanted !== port) return false;
  if (!/^[.*]/.test(name)) return isOrIsUnder(host, name) || isInRange(name, host);
  return host.endsWith(name.replace(/^\*/, '')) || host === name.replace(/^\./, '');
}

function dotnet(entry: string, { host }: Destination): boolean {
  return entry.startsWith('.') ? isOrIsUnder(host, entry.slice(1)) : host === entry;
}

function isOrIsUnder(host: string, name: string): boolean {
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

/** `name:8080`; the colons of IPv6 are none of ports. */
function splitPort(entry: string): readonly [name: string, port: number | undefined] {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(entry) as unknown as [string, string?, string?];
  return name.includes(':') || port === undefined ? [entry, undefined] : [name, Number(port)];
}

/** An address or CIDR notation. */
function isIn(entry: string, host: string): boolean {
  const [, text = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const [address, ip] = [parseIp(text), parseIp(host)];
  if (address === undefined || ip === undefined || address.family !== ip.family) return false;
  const bits = Number(length ?? (ip.family === 4 ? 32 : 128));
  return networkAround(ip, bits).text === networkAround(address, bits).text;
}

/** `first-last`, as node:http reads it, and fetch does not. */
function isInRange(entry: string, host: string): boolean {
  const [first, last] = entry.split('-').map(parseIp);
  const ip = parseIp(host);
  if (first === undefined || last === undefined || ip?.family !== 4) return false;
  return wordOf(first) <= wordOf(ip) && wordOf(ip) <= wordOf(last);
}

function wordOf({ w0 }: IpAddress): number {
  return w0 >>> 0;
}
