/**
 * The environment that makes a client use a proxy. Some read names in capitals, some in small letters, and curl reads
 * http_proxy in small letters alone: all spellings are set. The value has a scheme, because some take nothing else.
 */
import { type Authority, parseAuthority } from '#net/authority.ts';
import {
  asAddress,
  asCidr,
  asPatterns,
  asRange,
  type Exception,
  type ExceptionList,
  listExceptions,
  parseException,
} from './no-proxy.ts';

export type Language = 'java' | 'node' | 'python' | 'go' | 'dotnet' | 'curl';

/** Where the proxy listens, and how it is spoken to. */
export interface ProxyUrl {
  readonly scheme: 'http' | 'https';
  readonly authority: Authority;
}

export interface ProxyEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** What to know about them, a sentence each. */
  readonly notes: readonly string[];
}

/** This machine needs no proxy, whoever asks. */
const ALWAYS: readonly Exception[] = ['localhost', '127.0.0.1', '::1'].map(parseException);

const NOTES: Readonly<Record<Language, readonly string[]>> = {
  java: [
    'Java reads no proxy variable; the JVM takes these options from JAVA_TOOL_OPTIONS, and says so on standard error',
    'http.nonProxyHosts holds for https too; its patterns are separated by | and have * at an end only',
  ],
  node: [
    'Node reads the variables where NODE_USE_ENV_PROXY is 1 (Node 24, and 22 from 22.21 on), small letters first; older ones need an agent in the code',
    'Networks are written as ranges: node:http reads those, and fetch reads neither them nor CIDR notation',
  ],
  python: [
    'requests reads IPv4 networks in NO_PROXY; urllib and httpx compare names and single addresses only',
    'aiohttp reads the variables only with trust_env=True',
  ],
  go: ['A name in NO_PROXY stands for what is under it too; requests to this machine never go to the proxy'],
  dotnet: [
    'HttpClient reads the variables where no proxy is set in the code, small letters first',
    'NO_PROXY has no networks there, and a name is that name alone',
  ],
  curl: [
    'curl reads http_proxy in small letters only, and networks in NO_PROXY from 7.86.0 on',
    'A name in NO_PROXY stands for what is under it too',
  ],
};

const NO_LOOK_UP =
  'A network covers requests to its addresses alone: names are compared as names, and not looked up';

/**
 * Reads `http://host:port`; without a scheme it is http.
 * @throws {Error} naming what is wrong and the fix
 */
export function parseProxyUrl(text: string): ProxyUrl {
  const [, scheme = 'http', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*?)\/?$/i.exec(text) ?? [];
  const fix = 'write one such as http://proxy.example.com:3128';
  if (rest.includes('@'))
    throw new Error(`Proxy URL has credentials, which do not belong on a screen; ${fix}`);
  const lower = scheme.toLowerCase();
  if (lower !== 'http' && lower !== 'https') throw new Error(`Proxy URL has the scheme "${scheme}", ${fix}`);
  try {
    return { scheme: lower, authority: parseAuthority(rest) };
  } catch (cause) {
    throw new Error(`Proxy URL "${text}" cannot be read, ${fix}`, { cause });
  }
}

/**
 * What to set for a client in this language, or for all but Java at once.
 * @throws {Error} where the language has no way to say it, with the fix
 */
export function proxyEnvironment(
  proxy: ProxyUrl,
  noProxy: readonly Exception[],
  language?: Language,
): ProxyEnvironment {
  const exceptions = [...ALWAYS, ...noProxy];
  const list = listFor(exceptions, language);
  const hasNetworks = noProxy.some(({ kind }) => kind === 'network') && language !== 'dotnet';
  const notes = [
    ...(language === undefined ? [] : NOTES[language]),
    ...(hasNetworks ? [NO_LOOK_UP] : []),
    ...(list.leftOut.length === 0
      ? []
      : [`Left out, because it has no form there: ${list.leftOut.join(', ')}`]),
  ];
  return {
    variables: language === 'java' ? javaOptions(proxy, list) : variables(proxy, list, language),
    notes,
  };
}

function listFor(exceptions: readonly Exception[], language: Language | undefined): ExceptionList {
  switch (language) {
    case 'java':
      return listExceptions(exceptions, asPatterns, (name) => `*.${name}`);
    case 'node':
      return listExceptions(exceptions, asRange);
    case 'dotnet':
      return listExceptions(exceptions, asAddress);
    default:
      return listExceptions(exceptions, asCidr);
  }
}

function variables({ scheme, authority }: ProxyUrl, list: ExceptionList, language: Language | undefined) {
  const url = `${scheme}://${authority.text}`;
  const values = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: list.entries.join(',') };
  const both = Object.entries(values).flatMap(([name, value]) => [
    [name, value],
    [name.toLowerCase(), value],
  ]);
  const switches = language === 'node' || language === undefined ? { NODE_USE_ENV_PROXY: '1' } : {};
  const read = both.filter(([name]) => language !== 'curl' || name !== 'HTTP_PROXY');
  return { ...Object.fromEntries(read), ...switches };
}

function javaOptions({ scheme, authority }: ProxyUrl, list: ExceptionList) {
  // It has no property for that, and would speak in the open to a listener that waits for TLS.
  if (scheme === 'https')
    throw new Error('Java cannot speak TLS to its proxy, write the http:// URL of a listener without it');
  const { host, port } = authority;
  const options = ['http', 'https'].flatMap((scheme) => [
    `-D${scheme}.proxyHost=${host.text}`,
    `-D${scheme}.proxyPort=${port}`,
  ]);
  return { JAVA_TOOL_OPTIONS: [...options, `-Dhttp.nonProxyHosts=${list.entries.join('|')}`].join(' ') };
}
