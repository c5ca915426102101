import t from 'tap';
import { isFor, isOfAuthority, namesHost } from '#study/lint/certificates.ts';
import { Issuer } from '../../../fixtures/tls.ts';

const [issuer, stranger] = await Promise.all([Issuer.open(), Issuer.open()]);
t.teardown(() => Promise.all([issuer, stranger].map((one) => one[Symbol.asyncDispose]())));
const [t2, client, between] = await Promise.all([
  issuer.issue('t2', { names: 'DNS:t2.test,DNS:*.vm.test,IP:127.0.0.1' }),
  issuer.issue('client', { names: 'DNS:c.test\nextendedKeyUsage=clientAuth' }),
  issuer.issue('between', { names: 'DNS:between.test\nbasicConstraints=critical,CA:TRUE' }),
]);

t.test('isOfAuthority() follows certificates to an authority', async (t) => {
  const leaf = await issuer.issue('leaf', { by: between });
  t.ok(isOfAuthority(t2.cert, issuer.ca));
  t.ok(isOfAuthority(t2.cert, stranger.ca + issuer.ca), 'one of several');
  t.ok(isOfAuthority(t2.cert, t2.cert), 'one that is trusted itself');
  t.notOk(isOfAuthority(t2.cert, stranger.ca), 'of the same name, with another key');
  t.notOk(isOfAuthority(leaf.cert, issuer.ca), 'the one between is missing');
  t.ok(isOfAuthority(leaf.cert + between.cert, issuer.ca));
  t.ok(isOfAuthority(leaf.cert, between.cert + issuer.ca));
  t.notOk(isOfAuthority('no certificate', issuer.ca));
  t.notOk(isOfAuthority(t2.cert, 'no certificate'));
});

t.test('namesHost() knows names, wildcards and addresses', async (t) => {
  for (const name of ['t2.test', 'a.vm.test', '127.0.0.1']) t.ok(namesHost(t2.cert, name), name);
  for (const name of ['t2', 'a.b.vm.test', '127.0.0.2', '::1']) t.notOk(namesHost(t2.cert, name), name);
  t.notOk(namesHost('no certificate', 't2.test'));
});

t.test('isFor() heeds what a certificate is for', async (t) => {
  t.same([isFor(t2.cert, 'client'), isFor(t2.cert, 'server')], [true, true], 'nothing is said');
  t.same([isFor(client.cert, 'client'), isFor(client.cert, 'server')], [true, false]);
  const any = await issuer.issue('any', { names: 'DNS:any.test\nextendedKeyUsage=anyExtendedKeyUsage' });
  t.same([isFor(any.cert, 'client'), isFor(any.cert, 'server')], [true, true]);
});
