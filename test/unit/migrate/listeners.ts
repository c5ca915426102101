import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

t.test('translateListeners() takes ports of plain proxies over', async (t) => {
  const found = await imported(t, [
    'http_port 3128',
    'http_port 127.0.0.1:8080 name=Local',
    'http_port localhost:8081',
    'http_port [::1]:8082 tcpkeepalive=60',
  ]);
  t.same(found.config.listeners, [
    { name: 'main', address: '[::]:3128' },
    { name: 'local', address: '127.0.0.1:8080' },
    { name: 'port-8081', address: '127.0.0.1:8081' },
    { name: 'port-8082', address: '[::1]:8082' },
  ]);
  t.match(toldOf(found, 1), ['same Listener "main" on [::]:3128']);
  t.match(toldOf(found, 4), ['changed Listener "port-8082", without tcpkeepalive']);
});

t.test('translateListeners() serves no port in another way than Squid did', async (t) => {
  const lines = [
    'http_port 80 accel vhost',
    'http_port 3129 intercept',
    'http_port 3130 require-proxy-header',
    'https_port 3131 tls-cert=x.pem',
    'http_port proxy.example.com:3132',
    'http_port',
  ];
  const found = await imported(t, lines);
  t.same(found.config.listeners, [{ name: 'main', address: '127.0.0.1:3128' }], 'this machine only');
  const verdicts = lines.map((_, index) => toldOf(found, index + 1)[0]?.split(' ')[0]);
  t.same(verdicts, ['dropped', 'dropped', 'dropped', 'error', 'error', 'error']);
  t.match(found.yaml, /^# By hand: .*:3131.*\n(#.*\n)*listeners:/m, 'as a comment beside its place');
});

t.test('translateListeners() takes an address once', async (t) => {
  const found = await imported(t, ['http_port 3128', 'http_port 3128']);
  t.equal(found.config.listeners.length, 1);
  t.match(toldOf(found, 2)[0], /^error "3128" is there already/);
});

t.test('translateListeners() moves the admin server out of the way', async (t) => {
  const found = await imported(t, ['http_port 9128']);
  t.same(found.config.admin, { address: '127.0.0.1:9129' });
});

t.test('ACLs find listeners by name and port', async (t) => {
  const lines = [
    'http_port 3128 name=a',
    'http_port 127.0.0.1:8080',
    'acl n myportname a',
    'acl q localport 8080',
    'acl m myportname zz',
    'http_access allow n',
    'http_access allow q',
    'http_access allow m',
    'http_access deny all',
  ];
  const found = await imported(t, lines);
  t.same(found.config.acls, { n: { listeners: ['a'] }, q: { listeners: ['port-8080'] } });
  t.same(rulesOf(found), ['allow n', 'allow q', 'deny all']);
  t.match(toldOf(found, 5), ['changed No listener is called "zz"']);
});
