/**
 * Names and references of a configuration, read tolerantly from the raw value, so that cross-checks can run on the
 * healthy parts of a file that the schema refuses. What is malformed is left out here; the schema reports it.
 */
import { type ListenAddress, parseListenerAddress } from './listen-address.ts';
import { formatPath, type Path } from './problems.ts';
import { elements, fields, section } from './raw.ts';

/** A name and where it is written. */
export interface Reference {
  readonly name: string;
  readonly path: Path;
}

export interface AclOutline extends Reference {
  readonly matchers: ReadonlySet<string>;
  readonly listeners: readonly Reference[];
  /** The file of `dstDomains: { file }`. */
  readonly domainFile: Reference | undefined;
  /** Those of `dstDomainRegex` and `urlRegex`. */
  readonly patternFiles: readonly Reference[];
}

export interface RuleOutline {
  readonly path: Path;
  readonly keys: ReadonlySet<string>;
  /** ACLs of `allow` and `deny`, without `!`. */
  readonly acls: readonly Reference[];
  readonly limit: Reference | undefined;
}

export interface RouteOutline {
  readonly path: Path;
  /** The route's name, or its path where it has none. */
  readonly name: string;
  readonly keys: ReadonlySet<string>;
  /** ACLs of `when`, without `!`. */
  readonly when: readonly Reference[];
  readonly peers: readonly Reference[];
  readonly resolve: unknown;
}

/** A section `tls`, and the files that it names. */
export interface TlsOutline {
  readonly kind: 'peer' | 'listener';
  readonly path: Path;
  /** Authorities of the other side: `ca` of a peer, `clientCa` of a listener. */
  readonly ca: Reference | undefined;
  readonly cert: Reference | undefined;
  readonly key: Reference | undefined;
}

export interface PeerOutline extends Reference {
  /** Whether somebody looks at it. */
  readonly hasHealth: boolean;
}

export interface AddressOutline {
  readonly path: Path;
  readonly address: ListenAddress;
}

export interface Outline {
  /** Undefined where the section cannot be read, so that every reference would look unknown. */
  readonly acls: readonly AclOutline[] | undefined;
  readonly limits: readonly Reference[] | undefined;
  /** Of `limits.store`. */
  readonly redis: Readonly<Record<string, unknown>>;
  readonly peers: readonly PeerOutline[] | undefined;
  readonly listenerNames: readonly Reference[];
  readonly rules: readonly RuleOutline[];
  readonly ruleNames: readonly Reference[];
  readonly routes: readonly RouteOutline[];
  readonly routeNames: readonly Reference[];
  /** ACLs of `hop.trust.from`, without `!`. */
  readonly trust: readonly Reference[];
  /** What the admin server goes by. */
  readonly readiness: Reference | undefined;
  /** Addresses to bind, the listeners' first. */
  readonly addresses: readonly AddressOutline[];
  /** Those of peers that are addresses and no names. */
  readonly peerAddresses: readonly AddressOutline[];
  readonly dns: Readonly<Record<string, unknown>>;
  readonly kubernetes: Readonly<Record<string, unknown>>;
  readonly hostsFile: Reference | undefined;
  /** Whether there is a section `auth`, and its file. */
  readonly hasAuth: boolean;
  readonly usersFile: Reference | undefined;
  /** Of `hop.assert`, and of `hop.trust`. */
  readonly keyFiles: readonly Reference[];
  /** Keys of `hop.trust`. */
  readonly trustKeys: ReadonlySet<string>;
  readonly tls: readonly TlsOutline[];
  /** Files of passwords for peers. */
  readonly passwordFiles: readonly Reference[];
  /** Of `log`: where the access log and the audit trail go, and the key that signs the latter. */
  readonly logs: Readonly<Record<'access' | 'audit' | 'key', Reference | undefined>>;
}

const REDIS = ['limits', 'store', 'redis'];

/** Reads whatever can be read. Never throws. */
export function outlineOf(value: unknown): Outline {
  const root = fields(value);
  const dns = fields(root.dns);
  const peers = section(root.peers);
  const redis = fields(fields(fields(root.limits).store).redis);
  return {
    acls: section(root.acls)?.map(([name, acl]) => aclOutline(name, acl)),
    limits: section(root.limits)?.flatMap(([name]) =>
      name === 'store' ? [] : [{ name, path: ['limits', name] }],
    ),
    peers: peers?.map(([name, peer]) => {
      return { name, path: ['peers', name], hasHealth: fields(peer).health !== undefined };
    }),
    readiness: text(fields(root.admin).readiness, ['admin', 'readiness']),
    listenerNames: names(root.listeners, 'listeners'),
    rules: elements(root.access).map(ruleOutline),
    ruleNames: names(root.access, 'access'),
    routes: elements(root.routes).map(routeOutline),
    routeNames: names(root.routes, 'routes'),
    trust: aclReferences(fields(fields(root.hop).trust).from, ['hop', 'trust', 'from']),
    addresses: [
      ...elements(root.listeners).flatMap(([index, listener]) => addresses(listener, ['listeners', index])),
      ...addresses(root.admin, ['admin']),
    ],
    peerAddresses: (section(root.peers) ?? []).flatMap(([name, peer]) => addresses(peer, ['peers', name])),
    redis,
    dns,
    kubernetes: fields(root.kubernetes),
    hostsFile: fileIn(dns, 'hostsFile', ['dns']),
    hasAuth: root.auth !== undefined,
    usersFile: fileIn(root.auth, 'usersFile', ['auth']),
    keyFiles: keyFilesIn(fields(root.hop)),
    trustKeys: new Set(Object.keys(fields(fields(root.hop).trust))),
    tls: [
      ...elements(root.listeners).flatMap(([i, one]) => tlsOutline('listener', one, ['listeners', i, 'tls'])),
      ...(peers ?? []).flatMap(([name, one]) => tlsOutline('peer', one, ['peers', name, 'tls'])),
      ...redisTls(redis),
    ],
    logs: logsIn(fields(root.log)),
    passwordFiles: [
      ...(peers ?? []).map(([name, one]) =>
        fileIn(fields(one).auth, 'passwordFile', ['peers', name, 'auth']),
      ),
      fileIn(redis, 'passwordFile', REDIS),
    ].filter((file) => file !== undefined),
  };
}

function logsIn({ access, audit }: Readonly<Record<string, unknown>>): Outline['logs'] {
  return {
    access: fileIn(access, 'path', ['log', 'access']),
    audit: fileIn(audit, 'path', ['log', 'audit']),
    key: fileIn(audit, 'keyFile', ['log', 'audit']),
  };
}

function aclOutline(name: string, value: unknown): AclOutline {
  const acl = fields(value);
  const path = ['acls', name];
  return {
    name,
    path,
    matchers: new Set(Object.keys(acl)),
    listeners: texts(acl.listeners, [...path, 'listeners']),
    domainFile: text(fields(acl.dstDomains).file, [...path, 'dstDomains', 'file']),
    patternFiles: ['dstDomainRegex', 'urlRegex'].flatMap(
      (key) => text(fields(acl[key]).file, [...path, key, 'file']) ?? [],
    ),
  };
}

function ruleOutline([index, value]: [number, unknown]): RuleOutline {
  const rule = fields(value);
  const path = ['access', index];
  const acls = [
    ...aclReferences(rule.allow, [...path, 'allow']),
    ...aclReferences(rule.deny, [...path, 'deny']),
  ];
  const limit = text(rule.limit, [...path, 'limit']);
  return { path, keys: new Set(Object.keys(rule)), acls, limit };
}

function routeOutline([index, value]: [number, unknown]): RouteOutline {
  const route = fields(value);
  const path = ['routes', index];
  return {
    path,
    name: text(route.name, path)?.name ?? formatPath(path),
    keys: new Set(Object.keys(route)),
    when: aclReferences(route.when, [...path, 'when']),
    peers: texts(route.peers, [...path, 'peers']),
    resolve: route.resolve,
  };
}

function tlsOutline(kind: TlsOutline['kind'], value: unknown, path: Path): TlsOutline[] {
  const { tls } = fields(value);
  if (tls === undefined) return [];
  const file = (key: string): Reference | undefined => fileIn(tls, key, path);
  return [
    { kind, path, ca: file(kind === 'peer' ? 'ca' : 'clientCa'), cert: file('cert'), key: file('key') },
  ];
}

/** Redis is a peer as far as its certificate goes. */
function redisTls(redis: unknown): TlsOutline[] {
  const ca = fileIn(redis, 'caFile', REDIS);
  return ca === undefined ? [] : [{ kind: 'peer', path: REDIS, ca, cert: undefined, key: undefined }];
}

function keyFilesIn(hop: Readonly<Record<string, unknown>>): Reference[] {
  return [
    ...[text(fields(hop.assert).keyFile, ['hop', 'assert', 'keyFile'])].filter((file) => file !== undefined),
    ...texts(fields(hop.trust).keyFiles, ['hop', 'trust', 'keyFiles']),
  ];
}

function addresses(value: unknown, path: Path): AddressOutline[] {
  const { address } = fields(value);
  if (typeof address !== 'string') return [];
  try {
    return [{ path: [...path, 'address'], address: parseListenerAddress(address) }];
  } catch {
    return [];
  }
}

function names(value: unknown, key: string): Reference[] {
  return elements(value).flatMap(
    ([index, element]) => text(fields(element).name, [key, index, 'name']) ?? [],
  );
}

function aclReferences(value: unknown, path: Path): Reference[] {
  return texts(value, path).map((reference) => ({ ...reference, name: reference.name.replace(/^!/, '') }));
}

function texts(value: unknown, path: Path): Reference[] {
  return elements(value).flatMap(([index, element]) => text(element, [...path, index]) ?? []);
}

function fileIn(section: unknown, key: string, path: Path): Reference | undefined {
  return text(fields(section)[key], [...path, key]);
}

function text(value: unknown, path: Path): Reference | undefined {
  return typeof value === 'string' ? { name: value, path } : undefined;
}
