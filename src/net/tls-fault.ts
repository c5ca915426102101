/**
 * The classification of what goes wrong in TLS: by the codes that Node gives to errors, never by message. Which of the three
 * reasons of RFC 9209 it is; whose fault that is, is for others to say.
 */
export type TlsReason = 'tls_certificate_error' | 'tls_alert_received' | 'tls_protocol_error';

/** Of OpenSSL's verification (X509_V_ERR_*), of Node's check of names, and of a side that has to show a certificate. */
const CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERROR_IN_|INVALID_|PATH_LENGTH_|HOSTNAME_|UNSPECIFIED$|ERR_TLS_CERT_|ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE$|ERR_SSL_CERTIFICATE_VERIFY_FAILED$)/;
const ALERT = /^ERR_SSL_.*_ALERT_/;
const PROTOCOL = /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/;

/** Undefined where `code` is not one of TLS. */
export function tlsReasonOf(code: string): TlsReason | undefined {
  if (CERTIFICATE.test(code)) return 'tls_certificate_error';
  if (ALERT.test(code)) return 'tls_alert_received';
  return PROTOCOL.test(code) ? 'tls_protocol_error' : undefined;
}

/** What an error of TLS says, on one line and without the places in OpenSSL's sources. */
export function tlsFaultText(error: Error): string {
  const { code = '', reason = error.message } = error as { code?: string; reason?: string };
  return `${reason.trim()} (${code})`;
}
