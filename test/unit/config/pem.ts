import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { fits, isComplaint, readCertificates, readKey, validityComplaint } from '#config/pem.ts';
import { Issuer } from '../../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const [good, old] = await Promise.all([issuer.issue('good.test'), issuer.issue('old.test', { days: -1 })]);

t.test('readCertificates() reads each, whatever stands between them', async (t) => {
  const found = readCertificates(`Bag\n${good.cert}\n# next\n${issuer.ca}`);
  t.match(found, [{ subject: 'CN=good.test' }, { subject: 'CN=Test' }]);
  t.match(readCertificates(good.key), { message: 'The file has no certificate' });
  const torn = good.cert.replace(/\n[^-]{20}/, '\n!');
  t.match(readCertificates(`${issuer.ca}${torn}`), { message: 'A certificate in the file cannot be read' });
});

t.test('readKey() takes a private key without a passphrase', async (t) => {
  t.match(readKey(good.key), { type: 'private' });
  t.match(readKey(good.cert), { message: /no private key/ });
  t.match(readKey('-----BEGIN ENCRYPTED PRIVATE KEY-----'), { message: /passphrase/ });
  t.match(readKey('-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n'), { message: /passphrase/ });
});

t.test('validityComplaint() says from when on, and nothing of one that has expired', async (t) => {
  const [now, before] = [new X509Certificate(good.cert), new X509Certificate(old.cert)];
  t.equal(validityComplaint(now), undefined);
  t.equal(validityComplaint(before), undefined);
  const real = Date.now;
  t.teardown(() => Object.assign(Date, { now: real }));
  Date.now = () => real() - 86_400_000;
  t.match(validityComplaint(now), {
    message: /^The certificate is valid only from \d{4}-\d\d-\d\dT\d\d:\d\dZ on$/,
  });
});

t.test('fits() holds a key against the first certificate', async (t) => {
  t.ok(fits({ cert: `${good.cert}${issuer.ca}`, key: good.key }));
  t.notOk(fits({ cert: good.cert, key: old.key }));
});

t.test('isComplaint() tells a complaint from what was read', async (t) => {
  t.ok(isComplaint({ message: 'm', fix: 'f' }));
  t.notOk(isComplaint([]));
});
