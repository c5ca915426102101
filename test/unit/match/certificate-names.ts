import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { certificateNames } from '#match/certificate-names.ts';
import { Issuer } from '../../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());

async function namesOf(name: string, names: string): Promise<string[]> {
  const found = certificateNames(new X509Certificate((await issuer.issue(name, { names })).cert));
  return [...found].filter((one) => !one.startsWith('sha256:'));
}

t.test('certificateNames() tells each kind of name in the form that ACLs have', async (t) => {
  const found = await namesOf(
    'One Name',
    'DNS:T1.Example.COM,URI:spiffe://x/ns/a,email:Me@Example.COM,IP:10.0.0.1,DNS:*.x.com',
  );
  t.strictSame(found, ['cn:One Name', 'dns:t1.example.com', 'uri:spiffe://x/ns/a', 'email:me@example.com']);
});

t.test('certificateNames() has the fingerprint of the whole', async (t) => {
  const certificate = new X509Certificate((await issuer.issue('two')).cert);
  const [first] = certificateNames(certificate);
  t.equal(first, `sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`);
});

// Attacks: own-identity.
t.test('certificateNames() takes no part of one name for another name', async (t) => {
  const names = '@names\n[names]\nURI.1 = http://a/b, DNS:evil.test\nDNS.1 = good.test';
  const found = await namesOf('dns:evil.test', names);
  t.strictSame(found, ['cn:dns:evil.test', 'uri:http://a/b, DNS:evil.test', 'dns:good.test']);
});

t.test('certificateNames() has the fingerprint alone of a certificate without names', async (t) => {
  const nameless = {
    fingerprint256: 'AB:CD',
    subjectAltName: undefined,
    toLegacyObject: () => ({ subject: {} }),
  } as unknown as X509Certificate;
  t.same([...certificateNames(nameless)], ['sha256:abcd']);
});
