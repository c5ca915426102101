/**
 * Which proxy each runtime would use for a target, by the variables of an environment (docs/clients.md): in which order it reads
 * their spellings, what it makes of a value, and what sends the request past the proxy.
 */
import type { Language } from '#study/proxy-env.ts';
import { bypassOf, type Destination, type ListReader, patternOf } from './bypass.ts';
import type { Target } from './target.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What one runtime would do. */
export interface ClientView {
  readonly client: Language;
  /** Name of the variable that names the proxy; undefined where there is none. */
  readonly variable: string | undefined;
  /** The value as it is: it may hold credentials. */
  readonly proxy: string | undefined;
  /** The entry that sends the request past the proxy all the same. */
  readonly bypass: { readonly variable: string; readonly entry: string } | undefined;
  /** Why it does not take the value, or reads none. */
  readonly fault: string | undefined;
}

/** The variables of one kind, the one that counts first. */
type Spellings = readonly string[];

interface Habits {
  readonly https: Spellings;
  readonly http: Spellings;
  readonly noProxy: Spellings;
}

const LOWER_FIRST: Habits = {
  https: ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
  http: ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
  noProxy: ['no_proxy', 'NO_PROXY'],
};

const HABITS: Readonly<Record<ListReader, Habits>> = {
  // HTTP_PROXY in capitals may be a header of a CGI's client (CVE-2016-5388).
  curl: { ...LOWER_FIRST, http: ['http_proxy', 'all_proxy', 'ALL_PROXY'] },
  go: {
    https: ['HTTPS_PROXY', 'https_proxy'],
    http: ['HTTP_PROXY', 'http_proxy'],
    noProxy: ['NO_PROXY', 'no_proxy'],
  },
  python: LOWER_FIRST,
  dotnet: LOWER_FIRST,
  node: {
    https: ['https_proxy', 'HTTPS_PROXY'],
    http: ['http_proxy', 'HTTP_PROXY'],
    noProxy: ['no_proxy', 'NO_PROXY'],
  },
};

/** Those that read the variables without being told to. */
export const READERS = ['curl', 'go', 'python', 'dotnet'] as const;

/** Where a JVM takes options from, the one that counts first. */
const JAVA_OPTIONS = ['_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'JAVA_TOOL_OPTIONS'];

export function viewOf(client: Language, environment: Environment, target: Target): ClientView {
  if (client === 'java') return javaView(environment, target);
  const habits = HABITS[client];
  const variable = firstSet(environment, target.speech === 'http' ? habits.http : habits.https);
  const proxy = variable === undefined ? undefined : environment[variable];
  const fault = faultOf(client, environment, proxy);
  return { client, variable, proxy, bypass: bypassIn(client, environment, target), fault };
}

/** An empty value is as none. */
export function firstSet(environment: Environment, names: readonly string[]): string | undefined {
  return names.find((name) => (environment[name] ?? '') !== '');
}

function faultOf(
  client: ListReader,
  environment: Environment,
  proxy: string | undefined,
): string | undefined {
  if (client !== 'node' || proxy === undefined) return undefined;
  if (environment.NODE_USE_ENV_PROXY !== '1' && !/--use-env-proxy\b/.test(environment.NODE_OPTIONS ?? ''))
    return 'it reads the variables only where NODE_USE_ENV_PROXY is 1';
  return /^https?:\/\//i.test(proxy) ? undefined : 'it takes no value without http:// in front';
}

function bypassIn(client: ListReader, environment: Environment, target: Target): ClientView['bypass'] {
  const to = destinationOf(target);
  // Built in, there.
  if (client === 'go' && /^(?:localhost|127\..*|::1)$/.test(to.host))
    return { variable: 'Go itself', entry: to.host };
  const variable = firstSet(environment, HABITS[client].noProxy);
  if (variable === undefined) return undefined;
  const entry = bypassOf(client, environment[variable] as string, to);
  return entry === undefined ? undefined : { variable, entry };
}

function destinationOf({ authority: { host, port } }: Target): Destination {
  return { host: host.text, port };
}

function javaView(environment: Environment, target: Target): ClientView {
  const scheme = target.speech === 'http' ? 'http' : 'https';
  const variable = JAVA_OPTIONS.find(
    (name) => property(environment[name], `${scheme}.proxyHost`) !== undefined,
  );
  const options = variable === undefined ? undefined : environment[variable];
  const host = property(options, `${scheme}.proxyHost`);
  const common = { client: 'java', variable } as const;
  if (host === undefined) {
    const fault = `it reads options of the JVM, and none of JAVA_TOOL_OPTIONS is -D${scheme}.proxyHost`;
    return { ...common, proxy: undefined, bypass: undefined, fault };
  }
  const port = property(options, `${scheme}.proxyPort`) ?? (scheme === 'http' ? '80' : '443');
  const patterns = property(options, 'http.nonProxyHosts') ?? 'localhost|127.*|[::1]';
  const entry = patternOf(patterns, destinationOf(target));
  const bypass = entry === undefined ? undefined : { variable: 'http.nonProxyHosts', entry };
  return { ...common, proxy: `http://${host}:${port}`, bypass, fault: undefined };
}

/** The last one counts. */
function property(options: string | undefined, name: string): string | undefined {
  const words = (options ?? '').split(/\s+/).map((word) => word.replaceAll(/["']/g, ''));
  return words.findLast((word) => word.startsWith(`-D${name}=`))?.slice(name.length + 3);
}
