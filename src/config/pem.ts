/** Reads certificates and keys from PEM text, and says what is wrong with them in words for operators. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** What is wrong, and what to do about it. */
export interface Complaint {
  readonly message: string;
  readonly fix: string;
}

/** One or more. */
type Certificates = readonly [X509Certificate, ...X509Certificate[]];

/** The certificates in `text`, at least one, or why they cannot be used. */
export function readCertificates(text: string): Certificates | Complaint {
  const [first, ...rest] = text.match(CERTIFICATE) ?? [];
  const fix = 'Name a PEM file that begins with -----BEGIN CERTIFICATE-----';
  if (first === undefined) return { message: 'The file has no certificate', fix };
  try {
    return [new X509Certificate(first), ...rest.map((piece) => new X509Certificate(piece))];
  } catch {
    return { message: 'A certificate in the file cannot be read', fix };
  }
}

/** The private key in `text`, or why it cannot be used. */
export function readKey(text: string): KeyObject | Complaint {
  if (ENCRYPTED.test(text)) {
    const fix = 'Write it without one, such as by openssl pkey -in KEY -out KEY, readable for Weir alone';
    return { message: 'The private key has a passphrase', fix };
  }
  try {
    return createPrivateKey(text);
  } catch {
    const fix = 'Name a PEM file that begins with -----BEGIN PRIVATE KEY-----';
    return { message: 'The file has no private key that can be read', fix };
  }
}

/** Whether `key` is that of the first certificate in `cert`; both can be read. */
export function fits({ cert, key }: { readonly cert: string; readonly key: string }): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

/** Why a certificate is not good for anything yet; undefined where it is. That one has expired is told elsewhere (certificate-ends.ts). */
export function validityComplaint({ validFromDate }: X509Certificate): Complaint | undefined {
  if (validFromDate.getTime() <= Date.now()) return undefined;
  const from = `${validFromDate.toISOString().slice(0, 16)}Z`;
  const fix = 'Wait until then, or check the clock of this machine';
  return { message: `The certificate is valid only from ${from} on`, fix };
}

export function isComplaint(value: object): value is Complaint {
  return 'fix' in value;
}
