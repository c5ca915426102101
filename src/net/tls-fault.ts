/**
 * The classification of what goes wrong in TLS: by the codes that Node gives to errors, never by message. Which of the three
 * reasons of RFC 9209 it is, and in which words it is told; whose fault that is, is for others to say.
 */
export type TlsReason = 'tls_certificate_error' | 'tls_alert_received' | 'tls_protocol_error';

/** What Node and OpenSSL tell of a fault that is used. */
export interface TlsFault {
  readonly code?: string | undefined;
  /** The name that a certificate should have had. */
  readonly host?: string;
}

/** Of OpenSSL's verification (X509_V_ERR_*), of Node's check of names, and of a side that has to show a certificate. */
const CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERROR_IN_|INVALID_|PATH_LENGTH_|HOSTNAME_|UNSPECIFIED$|ERR_TLS_CERT_|ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE$|ERR_SSL_CERTIFICATE_VERIFY_FAILED$)/;
const ALERT = /^ERR_SSL_.*_ALERT_(\w+)$/;
const PROTOCOL = /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/;

const NO_AUTHORITY = 'certificate of none of the authorities that are trusted here';
const NO_TLS = 'the other side speaks no TLS';
const NO_VERSION = 'the other side speaks no version of TLS that is spoken here';

/** What Node and OpenSSL say themselves is advice for others, has places in their sources, and breaks lines. */
const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not valid yet',
  CERT_SIGNATURE_FAILURE: 'certificate is not signed by whom it names',
  INVALID_PURPOSE: 'certificate is not for this side of TLS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NO_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: NO_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NO_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: NO_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: NO_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another name',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'no certificate was shown',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'the handshake took too long',
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_HTTP_REQUEST: NO_TLS,
  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_VERSION,
};

/** By the names of alerts (RFC 8446 section 6.2), as they are in codes. */
const ALERTS: Readonly<Record<string, string>> = {
  CERTIFICATE_REQUIRED: 'the other side wants a certificate, and was shown none',
  CERTIFICATE_EXPIRED: 'the other side says that our certificate has expired',
  UNKNOWN_CA: 'the other side does not trust the authority of our certificate',
  PROTOCOL_VERSION: NO_VERSION,
};

/** Undefined where `code` is not one of TLS. */
export function tlsReasonOf(code: string): TlsReason | undefined {
  if (CERTIFICATE.test(code)) return 'tls_certificate_error';
  if (ALERT.test(code)) return 'tls_alert_received';
  return PROTOCOL.test(code) ? 'tls_protocol_error' : undefined;
}

/** What is wrong, on one line, with the code: the same for the same fault, whoever had the connection. */
export function tlsFaultText({ code = '', host }: TlsFault): string {
  const wanted = host === undefined ? '' : ` than ${host}`;
  return `${wordsOf(code)}${wanted} (${code.replaceAll(/[^\w/]/g, '?')})`;
}

function wordsOf(code: string): string {
  const known = WORDS[code];
  if (known !== undefined) return known;
  const alert = ALERT.exec(code)?.[1];
  if (alert !== undefined) {
    return ALERTS[alert] ?? `the other side sent the alert ${alert.toLowerCase().replaceAll('_', ' ')}`;
  }
  const reason = tlsReasonOf(code);
  if (reason === undefined) return 'the other side closed the connection';
  return reason === 'tls_certificate_error' ? 'certificate does not hold' : 'TLS broke off';
}
