/** What TLS between two tiers would make of a certificate, as far as the files of both tell. */
import type { X509Certificate } from 'node:crypto';
import { isComplaint, readCertificates } from '#config/pem.ts';
import { parseIp } from '#net/ip.ts';

/** Extended key usages (RFC 5280 section 4.2.1.12). */
const USAGES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
const ANY_USAGE = '2.5.29.37.0';

/** Whether a way leads from the first certificate in `cert`, over those behind it, to one in `ca`. Both are PEM. */
export function isOfAuthority(cert: string, ca: string): boolean {
  const [leaf, ...between] = certificatesIn(cert);
  const authorities = certificatesIn(ca);
  const known = new Set([...between, ...authorities]);
  const trusted = new Set(authorities.map(({ fingerprint256 }) => fingerprint256));
  let reached = leaf === undefined ? [] : [leaf];
  while (reached.length > 0) {
    if (reached.some(({ fingerprint256 }) => trusted.has(fingerprint256))) return true;
    for (const one of reached) known.delete(one);
    const before = reached;
    reached = [...known].filter((issuer) => before.some((one) => isIssuedBy(one, issuer)));
  }
  return false;
}

/** Whether the first certificate in `cert` is one for `name`, a host name or an IP address. */
export function namesHost(cert: string, name: string): boolean {
  const [leaf] = certificatesIn(cert);
  return (parseIp(name) === undefined ? leaf?.checkHost(name) : leaf?.checkIP(name)) !== undefined;
}

/** Whether the first certificate in `cert` may be shown by that side of a connection. */
export function isFor(cert: string, side: keyof typeof USAGES): boolean {
  const usages = certificatesIn(cert)[0]?.keyUsage;
  return usages === undefined || usages.includes(USAGES[side]) || usages.includes(ANY_USAGE);
}

/** The configuration has read them before. */
function certificatesIn(text: string): readonly X509Certificate[] {
  const found = readCertificates(text);
  return isComplaint(found) ? [] : found;
}

function isIssuedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  return one.checkIssued(issuer) && one.verify(issuer.publicKey);
}
