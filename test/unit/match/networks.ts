import t from 'tap';
import { compileDestinations, compileSources } from '#match/networks.ts';
import { Tri } from '#match/tri.ts';
import { networks, subject } from '../../fixtures/subject.ts';

t.test('compileSources() judges the address of the client', async (t) => {
  const src = compileSources(networks('10.128.0.0/14', 'fd00::/8'));
  t.equal(src.key, 'src');
  t.ok(Object.isFrozen(src));
  t.equal(src.test(subject({ client: '10.128.0.0' })), Tri.True);
  t.equal(src.test(subject({ client: '10.131.255.255' })), Tri.True);
  t.equal(src.test(subject({ client: '10.127.255.255' })), Tri.False);
  t.equal(src.test(subject({ client: '10.132.0.0' })), Tri.False);
  t.equal(src.test(subject({ client: 'fd00::1' })), Tri.True);
  t.equal(src.test(subject({ client: '::ffff:10.128.0.7' })), Tri.True, 'mapped IPv4 is IPv4');
});

t.test('compileDestinations() is pending while a name is not resolved', async (t) => {
  const dst = compileDestinations(networks('93.184.0.0/16'));
  t.equal(dst.key, 'dst');
  t.ok(Object.isFrozen(dst));
  t.equal(dst.test(subject()), Tri.Pending);
});

t.test('compileDestinations() judges the address that a name leads to', async (t) => {
  const dst = compileDestinations(networks('93.184.0.0/16'));
  t.equal(dst.test(subject({ destination: '93.184.216.34' })), Tri.True);
  t.equal(dst.test(subject({ destination: '10.0.0.1' })), Tri.False);
});

t.test('compileDestinations() judges a host that is an address at once', async (t) => {
  const dst = compileDestinations(networks('93.184.0.0/16'));
  t.equal(dst.test(subject({ host: '93.184.216.34' })), Tri.True);
  t.equal(dst.test(subject({ host: '[::ffff:93.184.216.34]' })), Tri.True);
  t.equal(dst.test(subject({ host: '[::1]' })), Tri.False);
});
