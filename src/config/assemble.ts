/**
 * Puts the parsed file and the files that it names together: one frozen `Config`, with those defaults that depend on other
 * keys. Everything has been checked before.
 */
import { resolve } from 'node:path';
import type { CacheOptions } from '#cache/options.ts';
import type { AclOptions } from '#match/acl.ts';
import type { ResolverOptions } from '#net/resolver.ts';
import type { PeerOptions, RouteOptions } from '#peer/options.ts';
import { hopOptions, withDirectory } from './assemble-hop.ts';
import { kubernetesOptions, withFiles } from './assemble-kubernetes.ts';
import { limitOptions, storeOptions, withPassword } from './assemble-limits.ts';
import { auditSecrets, logOptions, withPaths } from './assemble-log.ts';
import { hashedAuthorization, listenerTls, peerAuthorization, peerTls, secretNames } from './assemble-tls.ts';
import { certificateEnds } from './certificate-ends.ts';
import { besides, type Companions } from './companions.ts';
import type { BindOptions, Config, ForwardOptions, ListenerOptions } from './config.ts';
import { deepFreeze, hashOf } from './effective.ts';
import { rulesHashOf } from './rules-hash.ts';
import type { ParsedConfig } from './schema.ts';

/** Establishing through peers takes longer, so that a first tier outlives its second and can pass its reason on. */
const ESTABLISH_DIRECT_MS = 8000;
const ESTABLISH_PEERS_MS = 10_000;

/** Where the configuration came from. */
export interface Origin {
  /** As given; undefined for the built-in configuration. */
  readonly file: string | undefined;
  /** SHA-256 in hexadecimal of the configuration's text. */
  readonly digest: string;
}

type Settings = Omit<
  Config,
  'file' | 'hash' | 'rulesHash' | 'files' | 'secretFiles' | 'unread' | 'certificates' | 'digests'
>;

/** The effective configuration. */
export function assemble(parsed: ParsedConfig, companions: Companions, { file, digest }: Origin): Config {
  const settings = settingsOf(parsed, companions);
  const { dns, hop, kubernetes, limitStore, log } = settings;
  const absolute = (name: string): string => resolve(besides(file ?? '', name));
  const hostsFile = dns.hostsFile && absolute(dns.hostsFile);
  const digests = new Map(companions.digests);
  if (file !== undefined) digests.set(resolve(file), digest);
  return deepFreeze({
    ...settings,
    dns: { ...dns, hostsFile },
    cache: withPlaces(settings.cache, absolute),
    hop: withDirectory(hop, absolute),
    kubernetes: withFiles(kubernetes, absolute),
    limitStore: withPassword(limitStore, absolute),
    log: withPaths(log, absolute),
    file: file && resolve(file),
    // Names are hashed as written: two replicas with the same files in different places run the same policy.
    hash: hashOf([hashed(settings), hostsFile && companions.digests.get(hostsFile)]),
    rulesHash: rulesHashOf(settings),
    files: [...digests.keys()],
    secretFiles: [...companions.keys.keys(), ...secretNames(parsed), ...auditSecrets(parsed)].map(absolute),
    unread: companions.unread,
    certificates: certificateEnds(settings),
    digests: Object.fromEntries(digests),
  });
}

function withPlaces(
  { disk, socket, ...rest }: CacheOptions,
  absolute: (name: string) => string,
): CacheOptions {
  return {
    ...rest,
    disk: disk && { ...disk, path: absolute(disk.path) },
    socket: socket && absolute(socket),
  };
}

function hashed(settings: Settings): Settings {
  return { ...settings, peers: mapValues(settings.peers, hashedAuthorization) };
}

function settingsOf(parsed: ParsedConfig, companions: Companions): Settings {
  const { name, workers, access, routes, guard, hop, log, timeouts } = parsed;
  const isDirect = routes.every((route) => route.direct);
  const establish = timeouts.establish ?? (isDirect ? ESTABLISH_DIRECT_MS : ESTABLISH_PEERS_MS);
  return {
    name,
    workers,
    listeners: parsed.listeners.map((listener) => ({
      name: listener.name,
      ...bindOptions(listener.address),
      ...socketOf(listener.address),
      maxConnections: listener.maxConnections,
      maxConnectionsPerClient: listener.maxConnectionsPerClient,
      proxyProtocol: listener.proxyProtocol,
      tls: listenerTls(listener.tls, companions.texts),
    })),
    openProxy: parsed.openProxy,
    admin: { ...bindOptions(parsed.admin.address), readiness: parsed.admin.readiness },
    policy: { acls: aclOptions(parsed.acls, companions), access },
    auth: parsed.auth && { users: companions.users },
    limits: limitOptions(parsed.limits),
    limitStore: storeOptions(parsed.limits, companions.texts),
    peers: peerOptions(parsed.peers, companions),
    routes: routes.map(routeOptions),
    forward: forwardOptions(parsed.forward),
    cache: { ...parsed.cache, disk: parsed.cache.disk },
    dns: dnsOptions(parsed.dns),
    guard,
    clients: parsed.identity.static ?? [],
    kubernetes: kubernetesOptions(parsed),
    hop: hopOptions(hop, companions),
    log: logOptions(log),
    timeouts: { ...timeouts, establish },
  };
}

function bindOptions({ ip, port }: ParsedConfig['admin']['address']): BindOptions {
  return { host: ip.text, port };
}

function socketOf({ socket }: ParsedConfig['listeners'][number]['address']): Pick<ListenerOptions, 'socket'> {
  return socket === undefined ? {} : { socket };
}

function aclOptions(
  acls: ParsedConfig['acls'],
  { domains, patterns }: Companions,
): Record<string, AclOptions> {
  return mapValues(acls, ({ dstDomains, dstDomainRegex, urlRegex, ...rest }) => ({
    ...rest,
    dstDomains: listed(dstDomains, domains),
    dstDomainRegex: listed(dstDomainRegex, patterns),
    urlRegex: listed(urlRegex, patterns),
  }));
}

/** A list that stands in the file itself, or in one that it names. */
function listed<T>(
  value: readonly T[] | { readonly file: string } | undefined,
  files: ReadonlyMap<string, readonly T[]>,
): readonly T[] | undefined {
  return value !== undefined && 'file' in value ? files.get(value.file) : value;
}

function peerOptions(peers: ParsedConfig['peers'], { texts }: Companions): Record<string, PeerOptions> {
  return mapValues(peers, (peer, name) => ({
    name,
    address: peer.address,
    hop: peer.hop,
    connectTimeoutMs: peer.connectTimeout,
    tls: peerTls(peer, texts),
    authorization: peerAuthorization(peer, texts),
    weight: peer.weight,
    maxTunnels: peer.maxTunnels,
    standby: peer.standby ?? 0,
    health: peer.health && { intervalMs: peer.health.interval, target: peer.health.target },
  }));
}

function routeOptions(route: ParsedConfig['routes'][number]): RouteOptions {
  const { name, when = [], peers = [], balance, direct = false, resolve = direct ? 'here' : 'peer' } = route;
  return { name, when, peers, balance, direct, source: route.sourceAddress, resolve };
}

function forwardOptions({ via, forwarded, strip = [] }: ParsedConfig['forward']): ForwardOptions {
  return { via: via === 'on', forwarded: forwarded === 'on', strip };
}

function dnsOptions({
  servers,
  hosts,
  hostsFile,
  minTtl,
  maxTtl,
  negativeTtl,
  staleTtl,
  timeout,
}: ParsedConfig['dns']): ResolverOptions {
  return {
    servers,
    hosts,
    hostsFile: hostsFile === 'none' ? undefined : hostsFile,
    minTtlMs: minTtl,
    maxTtlMs: maxTtl,
    negativeTtlMs: negativeTtl,
    staleTtlMs: staleTtl,
    timeoutMs: timeout,
  };
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
