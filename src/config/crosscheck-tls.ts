/** What the keys of TLS ask of each other, and of the peers and listeners that have them. */
import type { AclOutline, Outline, TlsOutline } from './outline.ts';
import type { Flaw } from './problems.ts';

export function checkTls(outline: Outline): Flaw[] {
  return [...outline.tls.flatMap(halfOfPair), ...checkClientCerts(outline)];
}

/** Of a listener both are required, which the schema says. */
function halfOfPair({ kind, cert, key }: TlsOutline): Flaw[] {
  const lone = cert ?? key;
  if (kind === 'listener' || lone === undefined || (cert !== undefined && key !== undefined)) return [];
  const [has, lacks] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
  const message = `Key "${has}" does nothing without "${lacks}"`;
  return [{ path: lone.path, at: 'key', message, fix: `Add ${lacks}, or remove ${has}` }];
}

/** Without a listener that asks for certificates, such an ACL is never known: whoever wrote it meant something else. */
function checkClientCerts({ acls = [], tls }: Outline): Flaw[] {
  if (tls.some(({ kind, ca }) => kind === 'listener' && ca !== undefined)) return [];
  return acls.filter(({ matchers }) => matchers.has('clientCerts')).map(neverShown);
}

function neverShown({ path, name }: AclOutline): Flaw {
  const message = `ACL "${name}" asks for certificates of clients, but no listener does`;
  const fix = 'Add for example tls: { cert: t2.pem, key: t2.key, clientCa: ca.pem } to a listener';
  return { path: [...path, 'clientCerts'], at: 'key', message, fix };
}
