/** The certificate that a handshake brought, as far as an engineer asks: for whom, by whom, until when, and whether it holds. */
import type { TLSSocket } from 'node:tls';
import { tlsFaultText } from '#net/tls-fault.ts';
import { printable } from './answer.ts';

export interface Certificate {
  readonly names: readonly string[];
  readonly issuer: string;
  /** Milliseconds since 1970; undefined where it says none. */
  readonly expiresAt: number | undefined;
  readonly protocol: string;
  /** Why it does not hold; undefined where it does. */
  readonly fault: string | undefined;
}

const MAX_NAMES = 5;

export function certificateOf(socket: TLSSocket, host: string): Certificate {
  const { subject, issuer, subjectaltname = '', valid_to } = socket.getPeerCertificate();
  const names = [...subjectaltname.matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(([, name = '']) =>
    printable(name),
  );
  // In Node it is the code, and an Error only in its types.
  const code = String(socket.authorizationError ?? '');
  const wanted = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? { code, host } : { code };
  const expiresAt = Date.parse(valid_to ?? '');
  return {
    names: names.length > 0 ? names : [commonName(subject)],
    issuer: commonName(issuer),
    expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
    protocol: socket.getProtocol() ?? 'TLS',
    fault: socket.authorized ? undefined : tlsFaultText(wanted),
  };
}

/** On one line: `TLSv1.3, for a.example, by Some CA, until 2026-11-30`. */
export function describeCertificate({ names, issuer, expiresAt, protocol }: Certificate): string {
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  const until = expiresAt === undefined ? '' : `, until ${new Date(expiresAt).toISOString().slice(0, 10)}`;
  return `${protocol}, for ${names.slice(0, MAX_NAMES).join(' ')}${more}, by ${issuer}${until}`;
}

interface Named {
  readonly CN?: string | string[];
  readonly O?: string | string[];
}

function commonName(named: Named | undefined): string {
  return printable(String([named?.CN ?? named?.O ?? 'nobody'].flat()[0]));
}
