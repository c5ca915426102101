import type { TLSSocket } from 'node:tls';
import t from 'tap';
import { certificateOf, describeCertificate } from '#doctor/certificate.ts';

/** As far as it is looked at. */
function socket(certificate: object, parts: object = {}): TLSSocket {
  const common = { authorized: true, authorizationError: null, getProtocol: () => 'TLSv1.3' };
  return { ...common, ...parts, getPeerCertificate: () => certificate } as unknown as TLSSocket;
}

const WHOLE = {
  subject: { CN: 'a.x' },
  issuer: { CN: 'Some CA', O: 'Some' },
  subjectaltname: 'DNS:a.x, DNS:*.a.x, IP Address:192.0.2.1',
  valid_to: 'Nov 30 10:00:00 2026 GMT',
};

t.test('certificateOf() reads what matters', async (t) => {
  const certificate = certificateOf(socket(WHOLE), 'a.x');
  t.same(certificate, {
    names: ['a.x', '*.a.x', '192.0.2.1'],
    issuer: 'Some CA',
    expiresAt: Date.parse('2026-11-30T10:00:00Z'),
    protocol: 'TLSv1.3',
    fault: undefined,
  });
  t.equal(describeCertificate(certificate), 'TLSv1.3, for a.x *.a.x 192.0.2.1, by Some CA, until 2026-11-30');
});

t.test('certificateOf() reads one that says little', async (t) => {
  const odd = { subject: { CN: ['b\x1b.x', 'c'] }, issuer: { O: 'Some' } };
  const certificate = certificateOf(socket(odd, { getProtocol: () => null }), 'a.x');
  t.match(certificate, { names: ['b?.x'], issuer: 'Some', expiresAt: undefined, protocol: 'TLS' });
  t.equal(describeCertificate(certificate), 'TLS, for b?.x, by Some');
  t.match(certificateOf(socket({}), 'a.x'), { names: ['nobody'], issuer: 'nobody' });
});

t.test('certificateOf() says why it does not hold', async (t) => {
  const broken = (authorizationError: unknown) =>
    certificateOf(socket(WHOLE, { authorized: false, authorizationError }), 'b.x').fault;
  t.match(broken('CERT_HAS_EXPIRED'), /^certificate has expired \(CERT_HAS_EXPIRED\)$/);
  t.match(broken('ERR_TLS_CERT_ALTNAME_INVALID'), /^certificate is for another name than b\.x/);
  t.ok(broken(null), 'whatever it is');
});

t.test('describeCertificate() lists a few names of many', async (t) => {
  const names = Array.from({ length: 9 }, (_, index) => `n${index}`);
  const text = describeCertificate({
    names,
    issuer: 'x',
    expiresAt: undefined,
    protocol: 'TLS',
    fault: undefined,
  });
  t.equal(text, 'TLS, for n0 n1 n2 n3 n4 and 4 more, by x');
});
