/**
 * What a request may say of the inside of a network to those outside of it: fields that tell of it, fields that an operator may keep
 * back as well, hosts in Via, and `Forwarded` where it is wanted (RFC 7239). Knows no configuration and no transaction.
 */
import { FieldNames, HOP_BY_HOP, PROTECTED } from './headers.ts';

/**
 * By whom a client is known inside, what it has shown for it there, and what it has asked for: what proxies, load balancers, sidecars and
 * those who authenticate add before this hop. Those who write such fields invent new ones, mostly with a beginning that they have already.
 * A beginning costs each field of its first letter a look: those that begin as fields of every browser do (`sec-`, `content-`) are named.
 */
export const TELLING_OF_INSIDE = {
  names: [
    'cf-access-authenticated-user-email',
    'cf-access-jwt-assertion',
    'cf-connecting-ip',
    'cf-connecting-ipv6',
    'client-ip',
    'fastly-client-ip',
    'forwarded',
    'proxy-client-ip',
    'remote-addr',
    'remote-email',
    'remote-groups',
    'remote-name',
    'remote-user',
    'ssl-client-cert',
    'ssl-client-dn',
    'ssl-client-issuer-dn',
    'ssl-client-serial',
    'ssl-client-subject-dn',
    'ssl-client-verify',
    'true-client-ip',
    'wl-proxy-client-ip',
    'x-azure-clientip',
    'x-azure-socketip',
    'x-client-ip',
    'x-cluster-client-ip',
    'x-forwarded',
    'x-host',
    'x-originating-ip',
    'x-proxyuser-ip',
    'x-real-ip',
    'x-rewrite-url',
  ],
  prefixes: [
    'l5d-',
    'x-amzn-mtls-',
    'x-amzn-oidc-',
    'x-appengine-',
    'x-auth-request-',
    'x-authenticated-',
    'x-client-cert',
    'x-envoy-',
    'x-forwarded-',
    'x-goog-authenticated-user-',
    'x-goog-iap-',
    'x-istio-',
    'x-ms-client-principal',
    'x-ms-token-',
    'x-original-',
    'x-remote-',
    'x-ssl-',
  ],
} as const;

/** Without these a request would be read otherwise, or would do what its sender had ruled out. */
const NEEDED = new FieldNames([
  'content-encoding',
  'content-range',
  'content-type',
  'expect',
  'if-match',
  'if-unmodified-since',
  'max-forwards',
  'trailer',
]);
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Reads the name of a field that is to be kept back. @returns it in lower case @throws {Error} where it may not be */
export function parseKeptBack(name: string): string {
  if (!NAME.test(name)) throw new Error(`"${name}" is no name of a field, write one such as "X-Internal-Id"`);
  const lower = name.toLowerCase();
  if (lower === 'via') throw new Error('"Via" is not kept back by strip, write via: off');
  if (lower === 'forwarded') throw new Error('"Forwarded" is not kept back by strip, write forwarded: off');
  if (HOP_BY_HOP.has(lower))
    throw new Error(`"${name}" is a field of one connection, which never leaves; remove it`);
  if (PROTECTED.has(lower) || NEEDED.has(lower))
    throw new Error(`Without "${name}" a request would mean something else, remove it`);
  return lower;
}

const HIDDEN = 'inside';
/** What a pseudonym has not, and a host with its domain or its port has. */
const OF_HOST = /[.:]/;
/** A comment, or such a host, which may also stand where a protocol should. */
const HAS_HOST = /[():]|[A-Za-z]\.|\.\d+\.|[^\t ,][\t ]+[^\t ,]*\./;

/**
 * Members of Via with a pseudonym in the place of each host, and without comments (RFC 9110 section 7.6.3). What has pseudonyms only
 * stays as it came.
 */
export function hideHosts(via: string): string {
  if (!HAS_HOST.test(via)) return via;
  const members = withoutComments(via).split(',');
  return members
    .map((member) => member.trim().split(/[\t ]+/))
    .filter(([protocol]) => protocol !== '')
    .map(([protocol, by]) =>
      by === undefined ? `1.1 ${HIDDEN}` : `${protocol} ${OF_HOST.test(by) ? HIDDEN : by}`,
    )
    .join(', ');
}

/** In one pass, however deep they are: a head can hold thousands of them. */
function withoutComments(via: string): string {
  let depth = 0;
  let text = '';
  for (let i = 0; i < via.length; i += 1) {
    const character = via[i] as string;
    if (depth > 0 && character === '\\') i += 1;
    else if (character === '(') depth += 1;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0) text += character;
  }
  return text;
}

/** A member of Forwarded: for which address the hop of this name forwards, by plain HTTP. */
export function forwardedMember(address: string, hop: string): string {
  const node = address.includes(':') ? `"[${address}]"` : address;
  return `for=${node};by=_${hop};proto=http`;
}
