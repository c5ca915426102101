/** Whether a peer of tier 1 and the listeners of tier 2 that it may come to speak TLS with each other, and show what the other takes. */
import type { ListenerOptions } from '#config/config.ts';
import type { TlsListenerOptions, TlsPeerOptions } from '#net/tls-context.ts';
import { isFor, isOfAuthority, namesHost } from './certificates.ts';
import type { Remark } from './finding.ts';
import type { Way } from './hop-way.ts';

/** Of both sides; undefined: the one has nothing against the other. */
type Complaint = { readonly message: string; readonly fix: string } | undefined;

/** Remarks that hold for each of the listeners. A balancer before one of them may end TLS, and nothing is said of it. */
export function lintSecurity(way: Way): Remark[] {
  const { peer, doors } = way;
  const [door] = doors;
  if (door === undefined || doors.some(({ proxyProtocol }) => proxyProtocol !== undefined)) return [];
  const { name, tls } = peer;
  const isSecure = doors.some((one) => one.tls !== undefined);
  if (tls === undefined) return doors.every((one) => one.tls !== undefined) ? [plainPeer(way, door)] : [];
  if (!isSecure) return [plainListener(way, door)];
  const secure = doors.flatMap((one) => one.tls ?? []);
  const told = (code: Remark['code'], complaints: readonly Complaint[]): Remark[] => {
    if (!complaints.every((complaint) => complaint !== undefined)) return [];
    return complaints.slice(0, 1).map((first) => ({ code, path: ['peers', name, 'tls'], ...first }));
  };
  return [
    ...told(
      'client-certificate-refused',
      secure.map((one) => againstClient(way, tls, one)),
    ),
    ...told(
      'peer-certificate-refused',
      secure.map((one) => againstPeer(way, tls, one)),
    ),
  ];
}

function plainPeer({ peer: { name }, numbers: [one, two] }: Way, door: ListenerOptions): Remark {
  return {
    code: 'tls-on-one-side',
    path: ['peers', name],
    message: `Tier ${one} speaks plain TCP to peer "${name}", and listener "${door.name}" of tier ${two} takes nothing but TLS`,
    fix: 'Give the peer tls: { ca, cert, key }',
  };
}

function plainListener({ peer: { name }, numbers: [one, two] }: Way, door: ListenerOptions): Remark {
  return {
    code: 'tls-on-one-side',
    path: ['peers', name, 'tls'],
    message: `Tier ${one} speaks TLS to peer "${name}", and listener "${door.name}" of tier ${two} has none`,
    fix: 'Give the listener tls: { cert, key, clientCa }',
  };
}

/** Texts of files that were not to be read are empty, and nothing is said of them. */
function isUnread(...texts: readonly string[]): boolean {
  return texts.includes('');
}

/** What tier 2 has against what tier 1 shows. */
function againstClient(
  { peer: { name }, numbers: [one, two] }: Way,
  { own }: TlsPeerOptions,
  { clientCa }: TlsListenerOptions,
): Complaint {
  if (clientCa === undefined) return undefined;
  if (own === undefined) {
    return {
      message: `Tier ${two} wants a certificate of its clients, and tier ${one} shows peer "${name}" none`,
      fix: 'Give the peer cert and key in its tls',
    };
  }
  if (isUnread(own.cert, clientCa)) return undefined;
  if (!isOfAuthority(own.cert, clientCa)) {
    return {
      message: `The certificate that tier ${one} shows peer "${name}" is of no authority in clientCa of tier ${two}`,
      fix: 'Add its authority to clientCa, or have it issued by one that is there',
    };
  }
  if (isFor(own.cert, 'client')) return undefined;
  return {
    message: `The certificate that tier ${one} shows peer "${name}" is none for clients`,
    fix: 'Have it issued with clientAuth in extendedKeyUsage, or without that extension',
  };
}

/** What tier 1 has against what tier 2 shows. */
function againstPeer(
  { peer: { name }, numbers: [one, two] }: Way,
  { ca, serverName }: TlsPeerOptions,
  { cert }: TlsListenerOptions,
): Complaint {
  if (isUnread(cert, ca)) return undefined;
  if (!isOfAuthority(cert, ca)) {
    return {
      message: `The certificate of tier ${two} is of no authority in tls.ca of peer "${name}"`,
      fix: 'Add its authority to ca, or have it issued by one that is there',
    };
  }
  if (!namesHost(cert, serverName)) {
    return {
      message: `The certificate of tier ${two} does not name "${serverName}", as which tier ${one} knows peer "${name}"`,
      fix: 'Have it issued with that name, or write a name that it has as serverName',
    };
  }
  if (isFor(cert, 'server')) return undefined;
  return {
    message: `The certificate that tier ${two} shows peer "${name}" is none for servers`,
    fix: 'Have it issued with serverAuth in extendedKeyUsage, or without that extension',
  };
}
