/**
 * `clientCerts`: names that the certificate of a client carries, each with its kind, so that a common name can never pass for
 * a name that the authority has checked as something else.
 */
import { parseHost } from '#net/host.ts';
import type { Matcher } from './matcher.ts';
import { Tri } from './tri.ts';

const FORM = /^(dns|uri|email|cn|sha256):(.+)$/s;
const FINGERPRINT = /^[0-9a-f]{64}$/;
const MAX_LENGTH = 2048;

/**
 * Reads `dns:NAME`, `uri:URI`, `email:ADDRESS` (of the subject's alternative names), `cn:NAME` or `sha256:FINGERPRINT`, to the
 * one form in which a certificate's names are compared.
 * @throws {Error} naming the text and the fix
 */
export function parseCertificateName(text: string): string {
  const [, kind, name = ''] = FORM.exec(text) ?? [];
  if (kind === undefined || text.length > MAX_LENGTH) {
    const forms = '"dns:t1.example.com", "uri:spiffe://…", "email:…", "cn:…" or "sha256:…"';
    throw new Error(`Certificate name "${text.slice(0, 60)}" cannot be read, write ${forms}`);
  }
  if (kind === 'dns') return `dns:${parseDnsName(text, name)}`;
  if (kind === 'email') return `email:${name.toLowerCase()}`;
  if (kind !== 'sha256') return text;
  const digits = name.replaceAll(':', '').toLowerCase();
  if (FINGERPRINT.test(digits)) return `sha256:${digits}`;
  throw new Error(
    `Fingerprint "${name}" cannot be read, write 64 hexadecimal digits, with or without colons`,
  );
}

function parseDnsName(text: string, name: string): string {
  try {
    const host = parseHost(name);
    if (host.kind === 'name') return host.text;
  } catch {
    // Said below.
  }
  throw new Error(`Certificate name "${text}" has no DNS name, write one such as "dns:t1.example.com"`);
}

/** `clientCerts`: judges the certificate that the client has shown; unknown where it has shown none. */
export function compileClientCerts(names: readonly string[]): Matcher {
  return Object.freeze<Matcher>({
    key: 'clientCerts',
    test: ({ clientCert }) => {
      if (clientCert === undefined) return Tri.Unknown;
      for (const name of names) if (clientCert.has(name)) return Tri.True;
      return Tri.False;
    },
  });
}
