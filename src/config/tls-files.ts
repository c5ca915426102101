/**
 * The files of every `tls` section and of `peers.NAME.auth`: whether they can do what they are named for. What OpenSSL would find out
 * at the first connection is found here, so that a bad file never replaces a good one.
 */
import { listenerContext, peerContext } from '#net/tls-context.ts';
import type { Outline, Reference, TlsOutline } from './outline.ts';
import { type Complaint, fits, isComplaint, readCertificates, readKey, validityComplaint } from './pem.ts';
import type { Flaw } from './problems.ts';

/** By name as written; a file that cannot be read has none, and has been told of. */
type Texts = ReadonlyMap<string, string>;

/** All certificates, keys and passwords that the configuration names. */
export function textReferences({ tls, passwordFiles, logs }: Outline): readonly Reference[] {
  return [...tls.flatMap(({ ca, cert, key }) => [ca, cert, key]), ...passwordFiles, logs.key].filter(
    (reference) => reference !== undefined,
  );
}

/** Their texts. */
export async function readTexts(
  outline: Outline,
  read: (reference: Reference) => Promise<string | undefined>,
): Promise<Texts> {
  const texts = new Map<string, string>();
  for (const reference of textReferences(outline)) {
    if (texts.has(reference.name)) continue;
    const text = await read(reference);
    if (text !== undefined) texts.set(reference.name, text);
  }
  return texts;
}

/** What is wrong with them. */
export function textFlaws({ tls, passwordFiles, logs }: Outline, texts: Texts): Flaw[] {
  return [
    ...tls.flatMap((section) => tlsFlaws(section, texts)),
    ...passwordFiles.flatMap((reference) => flawsOf(reference, texts, passwordComplaint)),
    ...flawsOf(logs.key, texts, signingComplaint),
  ];
}

function tlsFlaws(outline: TlsOutline, texts: Texts): Flaw[] {
  const flaws = [
    ...flawsOf(outline.ca, texts, authorityComplaint),
    ...flawsOf(outline.cert, texts, certificateComplaint),
    ...flawsOf(outline.key, texts, (text) => complaintIn(readKey(text))),
  ];
  return flaws.length > 0 ? flaws : togetherFlaws(outline, texts);
}

/** The password in a file, which is its one line. */
export function passwordIn(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** What is in it is not shown. */
function passwordComplaint(text: string): Complaint | undefined {
  const password = passwordIn(text);
  const fix = 'Write the password as the one line of the file';
  if (password === '') return { message: 'The file has no password', fix };
  if (!/\p{Cc}/u.test(password)) return undefined;
  return { message: 'The file has more than one line, or control characters', fix };
}

function flawsOf(
  reference: Reference | undefined,
  texts: Texts,
  complain: (text: string) => Complaint | undefined,
): Flaw[] {
  const text = reference && texts.get(reference.name);
  const complaint = text === undefined ? undefined : complain(text);
  if (reference === undefined || complaint === undefined) return [];
  return [{ path: reference.path, at: 'value', ...complaint }];
}

function complaintIn(value: object): Complaint | undefined {
  return isComplaint(value) ? value : undefined;
}

function signingComplaint(text: string): Complaint | undefined {
  const key = readKey(text);
  if (isComplaint(key)) return key;
  if (key.asymmetricKeyType === 'ed25519') return undefined;
  const message = `The private key is one of ${key.asymmetricKeyType}, and signs no checkpoints`;
  return { message, fix: 'Make one by openssl genpkey -algorithm ed25519 -out KEY' };
}

/** One authority that is valid is enough: bundles have new ones ahead of their time. */
function authorityComplaint(text: string): Complaint | undefined {
  const authorities = readCertificates(text);
  if (isComplaint(authorities)) return authorities;
  const complaints = authorities.map(validityComplaint);
  return complaints.includes(undefined) ? undefined : complaints[0];
}

function certificateComplaint(text: string): Complaint | undefined {
  const certificates = readCertificates(text);
  return isComplaint(certificates) ? certificates : validityComplaint(certificates[0]);
}

/** What no file shows alone: a key that is another certificate's, and what OpenSSL does not take. */
function togetherFlaws({ kind, path, ca, cert, key }: TlsOutline, texts: Texts): Flaw[] {
  const [caText, certText, keyText] = [ca, cert, key].map((one) => one && texts.get(one.name));
  const own = certText !== undefined && keyText !== undefined ? { cert: certText, key: keyText } : undefined;
  if (own !== undefined && !fits(own)) {
    const message = 'The private key is not that of the certificate';
    const fix = 'Name a certificate and the key that belongs to it';
    return [{ path: [...path, 'key'], at: 'value', message, fix }];
  }
  try {
    if (kind === 'peer' && caText !== undefined) peerContext({ ca: caText, own });
    if (kind === 'listener' && own !== undefined) listenerContext({ ...own, clientCa: caText });
    return [];
  } catch (error) {
    const message = `OpenSSL does not take these files: ${(error as { readonly reason?: string }).reason}`;
    const fix =
      'Use a certificate with a key of P-256, or RSA of 2048 bits or more, signed with SHA-256 or better';
    return [{ path, at: 'value', message, fix }];
  }
}
