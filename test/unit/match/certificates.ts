import t from 'tap';
import { compileClientCerts, parseCertificateName } from '#match/certificates.ts';
import { Tri } from '#match/tri.ts';
import { subject } from '../../fixtures/subject.ts';

const DIGITS = 'ab'.repeat(32);

const NAMES: Readonly<Record<string, string>> = {
  'dns:T1.Example.com.': 'dns:t1.example.com',
  'uri:spiffe://aibang.com/ns/intra-proxy/sa/T1': 'uri:spiffe://aibang.com/ns/intra-proxy/sa/T1',
  'email:Ops@Example.com': 'email:ops@example.com',
  'cn:Tier 1': 'cn:Tier 1',
  [`sha256:${DIGITS.toUpperCase()}`]: `sha256:${DIGITS}`,
  [`sha256:${DIGITS.replaceAll(/..(?=.)/g, '$&:')}`]: `sha256:${DIGITS}`,
};

for (const [text, canonical] of Object.entries(NAMES)) {
  t.test(`parseCertificateName() reads ${text}`, async (t) => {
    t.equal(parseCertificateName(text), canonical);
    t.equal(parseCertificateName(canonical), canonical);
  });
}

const FORMS = '"dns:t1.example.com", "uri:spiffe://…", "email:…", "cn:…" or "sha256:…"';
const DNS = 'write one such as "dns:t1.example.com"';

const FAULTS: Readonly<Record<string, string>> = {
  't1.example.com': `Certificate name "t1.example.com" cannot be read, write ${FORMS}`,
  'dns:': `Certificate name "dns:" cannot be read, write ${FORMS}`,
  'DNS:x': `Certificate name "DNS:x" cannot be read, write ${FORMS}`,
  'dns:a b': `Certificate name "dns:a b" has no DNS name, ${DNS}`,
  'dns:10.0.0.1': `Certificate name "dns:10.0.0.1" has no DNS name, ${DNS}`,
  'sha256:abc': 'Fingerprint "abc" cannot be read, write 64 hexadecimal digits, with or without colons',
  [`cn:${'x'.repeat(2046)}`]: `Certificate name "cn:${'x'.repeat(57)}" cannot be read, write ${FORMS}`,
};

for (const [text, message] of Object.entries(FAULTS)) {
  t.test(`parseCertificateName() says what is wrong with ${text.slice(0, 20)}`, async (t) => {
    t.throws(() => parseCertificateName(text), { message });
  });
}

t.test('compileClientCerts() holds for any of the names', async (t) => {
  const certs = compileClientCerts(['dns:t1.example.com', 'cn:ops']);
  t.equal(certs.key, 'clientCerts');
  t.ok(Object.isFrozen(certs));
  t.equal(certs.test(subject({ clientCert: ['cn:x', 'dns:t1.example.com'] })), Tri.True);
  t.equal(certs.test(subject({ clientCert: ['cn:t1.example.com'] })), Tri.False, 'kinds are not mixed up');
  t.equal(certs.test(subject({ clientCert: [] })), Tri.False);
  t.equal(certs.test(subject()), Tri.Unknown);
});
