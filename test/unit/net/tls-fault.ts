import t from 'tap';
import { tlsFaultText, tlsReasonOf } from '#net/tls-fault.ts';

t.test('tlsReasonOf() tells certificates, alerts and all else of TLS apart by the code', async (t) => {
  const rows = {
    CERT_HAS_EXPIRED: 'tls_certificate_error',
    CERT_NOT_YET_VALID: 'tls_certificate_error',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_certificate_error',
    SELF_SIGNED_CERT_IN_CHAIN: 'tls_certificate_error',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_certificate_error',
    INVALID_PURPOSE: 'tls_certificate_error',
    ERR_TLS_CERT_ALTNAME_INVALID: 'tls_certificate_error',
    ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'tls_certificate_error',
    ERR_SSL_CERTIFICATE_VERIFY_FAILED: 'tls_certificate_error',
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'tls_alert_received',
    'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'tls_alert_received',
    ERR_SSL_WRONG_VERSION_NUMBER: 'tls_protocol_error',
    ERR_TLS_HANDSHAKE_TIMEOUT: 'tls_protocol_error',
    EPROTO: 'tls_protocol_error',
    ECONNRESET: undefined,
    HPE_INVALID_CONSTANT: undefined,
    '': undefined,
  } as const;
  for (const [code, reason] of Object.entries(rows)) t.equal(tlsReasonOf(code), reason, code);
});

t.test('tlsFaultText() says by the code, and in our words, what is wrong', async (t) => {
  const rows = {
    CERT_HAS_EXPIRED: 'certificate has expired',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate of none of the authorities that are trusted here',
    SELF_SIGNED_CERT_IN_CHAIN: 'certificate of none of the authorities that are trusted here',
    ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another name',
    CERT_CHAIN_TOO_LONG: 'certificate does not hold',
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the other side wants a certificate, and was shown none',
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the other side does not trust the authority of our certificate',
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': 'the other side sent the alert bad certificate',
    ERR_SSL_WRONG_VERSION_NUMBER: 'the other side speaks no TLS',
    ERR_SSL_BAD_RECORD_TYPE: 'TLS broke off',
    ECONNRESET: 'the other side closed the connection',
  } as const;
  for (const [code, words] of Object.entries(rows)) t.equal(tlsFaultText({ code }), `${words} (${code})`);
  t.equal(
    tlsFaultText({ code: 'ERR_TLS_CERT_ALTNAME_INVALID', host: 'a.test' }),
    'certificate is for another name than a.test (ERR_TLS_CERT_ALTNAME_INVALID)',
  );
});

t.test('tlsFaultText() is one line, and has nothing of what Node and OpenSSL write', async (t) => {
  const error = Object.assign(new Error('40:error:0A0:ssl3.c:918:\n'), { code: 'ERR_SSL_X\n' });
  t.equal(tlsFaultText(error), 'TLS broke off (ERR_SSL_X?)');
  t.equal(tlsFaultText({}), 'the other side closed the connection ()');
});
