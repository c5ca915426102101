/**
 * A request that nobody makes: who would ask, from where, for what, and when. Every study of a policy puts its questions
 * in this form, and only here they become what the policy judges.
 */
import type { Identity, Subject } from '#match/subject.ts';
import { parseAuthority } from '#net/authority.ts';
import { type Host, parseHost } from '#net/host.ts';
import { type IpAddress, parseIp } from '#net/ip.ts';
import { parseRequestTarget, type RequestTarget } from '#net/request-target.ts';

export interface Question {
  /** Address of the client. */
  readonly ip: string;
  /** Name of the listener that takes the connection. */
  readonly listener?: string | undefined;
  /** @default CONNECT, or GET where the target is a URL */
  readonly method?: string | undefined;
  /** `host:port` of a CONNECT, or an absolute `http://` URL. */
  readonly target: string;
  /** When it is judged, in milliseconds since the epoch. @default now */
  readonly at?: number | undefined;
  readonly namespace?: string | undefined;
  readonly podLabels?: Readonly<Record<string, string>> | undefined;
  /** Those of its namespace. */
  readonly namespaceLabels?: Readonly<Record<string, string>> | undefined;
  readonly serviceAccount?: string | undefined;
  readonly user?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Server name of the ClientHello in a tunnel; empty: it has none. @default the name that the CONNECT is for */
  readonly sni?: string | undefined;
}

/**
 * What the policy is asked.
 * @throws {Error} naming the address or the target that cannot be read, and the fix
 */
export function subjectOf(question: Question): Subject {
  const { ip, listener = '', at = Date.now(), headers, user } = question;
  const method = methodOf(question);
  const target = targetIn(question.target, method);
  const { host, port } = target.authority;
  return {
    clientAddress: addressIn(ip),
    listener,
    method,
    host,
    port,
    timeMs: at,
    destination: undefined,
    requestUrl: target.url === '' ? undefined : target.url,
    headers: Object.entries(headers ?? {}).flat(),
    user,
    identity: identityOf(question),
    clientCert: undefined,
    sni: method === 'CONNECT' ? serverNameIn(question.sni, host) : undefined,
  };
}

/** Undefined where nothing is said of who runs the client. Labels that are said are all that there are. */
function identityOf(question: Question): Identity | undefined {
  const { namespace, serviceAccount, podLabels, namespaceLabels } = question;
  const said = [namespace, serviceAccount, podLabels, namespaceLabels];
  if (said.every((value) => value === undefined)) return undefined;
  return {
    namespace,
    pod: undefined,
    uid: undefined,
    serviceAccount,
    podLabels: podLabels && new Map(Object.entries(podLabels)),
    hasAllLabels: podLabels !== undefined,
    namespaceLabels: namespaceLabels && {
      labels: new Map(Object.entries(namespaceLabels)),
      hasAllLabels: true,
    },
  };
}

/** The method that is asked with. */
export function methodOf({ method, target }: Pick<Question, 'method' | 'target'>): string {
  return method ?? (target.includes('://') ? 'GET' : 'CONNECT');
}

/** No client of TLS gives an address for a name. */
function serverNameIn(text: string | undefined, target: Host): Host | undefined {
  if (text === undefined) return target.kind === 'name' ? target : undefined;
  if (text === '') return undefined;
  try {
    return parseHost(text);
  } catch (cause) {
    throw new Error(`Server name "${text}" cannot be read, write a host name such as "example.com"`, {
      cause,
    });
  }
}

function targetIn(target: string, method: string): RequestTarget {
  try {
    return parseRequestTarget(method, target);
  } catch (cause) {
    throw new Error(`Target "${target}" cannot be asked for by ${method}, write ${cure(target)}`, { cause });
  }
}

function cure(target: string): string {
  const [, secure] = /^https:\/\/([^/?#]+)/i.exec(target) ?? [];
  if (secure !== undefined) return `"${withPort(secure)}", which a client asks for by CONNECT`;
  return 'host:port for a CONNECT, such as "example.com:443", or else an absolute http:// URL';
}

function withPort(authority: string): string {
  try {
    return parseAuthority(authority).text;
  } catch {
    return `${authority}:443`;
  }
}

/** @throws {Error} naming the text and the fix */
export function addressIn(text: string): IpAddress {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`Address "${text}" cannot be read, write one such as "10.128.0.7"`);
  return ip;
}
