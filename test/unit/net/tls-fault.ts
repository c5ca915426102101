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

t.test('tlsFaultText() is one line, with the reason of OpenSSL where there is one', async (t) => {
  const error = Object.assign(new Error('40:error:0A0:ssl3.c:918:\n'), {
    code: 'ERR_SSL_X',
    reason: 'bad thing',
  });
  t.equal(tlsFaultText(error), 'bad thing (ERR_SSL_X)');
  t.equal(
    tlsFaultText(Object.assign(new Error('No such name\n'), { code: 'ERR_TLS' })),
    'No such name (ERR_TLS)',
  );
  t.equal(tlsFaultText(new Error('Closed')), 'Closed ()');
});
