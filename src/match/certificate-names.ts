/** The names that a certificate carries, in the forms of match/certificates.ts, so that ACLs can ask for them. */
import type { X509Certificate } from 'node:crypto';
import { parseCertificateName } from './certificates.ts';

/** Of Node's text of alternative names; what holds a comma or a quote is written as JSON there, so that nothing can pass for two. */
const ALTERNATIVE = /([^:,]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy;

/** Kinds of alternative names, as Node calls them, and what ACLs call them. */
const KINDS: Readonly<Record<string, string>> = { DNS: 'dns', URI: 'uri', email: 'email' };

/** Names that ACLs have no form for, such as addresses and wildcards, are left out. */
export function certificateNames(certificate: X509Certificate): ReadonlySet<string> {
  const names = new Set([`sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`]);
  const { CN = [] } = certificate.toLegacyObject().subject as { CN?: string | string[] };
  const texts = [CN].flat().map((name) => `cn:${name}`);
  for (const [, kind = '', value = ''] of (certificate.subjectAltName ?? '').matchAll(ALTERNATIVE)) {
    if (kind in KINDS) texts.push(`${KINDS[kind]}:${value.startsWith('"') ? JSON.parse(value) : value}`);
  }
  for (const text of texts) {
    try {
      names.add(parseCertificateName(text));
    } catch {
      // No ACL can ask for it either.
    }
  }
  return names;
}
