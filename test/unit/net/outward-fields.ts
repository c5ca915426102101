import t from 'tap';
import { FieldNames } from '#net/headers.ts';
import { forwardedMember, hideHosts, parseKeptBack, TELLING_OF_INSIDE } from '#net/outward-fields.ts';

t.test('parseKeptBack() reads names in any case', async (t) => {
  t.equal(parseKeptBack('X-Internal-Id'), 'x-internal-id');
  t.equal(parseKeptBack('User-Agent'), 'user-agent');
  for (const name of TELLING_OF_INSIDE.names) if (name !== 'forwarded') t.equal(parseKeptBack(name), name);
});

t.test('TELLING_OF_INSIDE has what stands before this hop adds, and nothing of applications', async (t) => {
  const telling = new FieldNames(TELLING_OF_INSIDE.names, TELLING_OF_INSIDE.prefixes);
  for (const name of INSIDE) t.ok(telling.has(name), name);
  for (const name of OF_APPLICATIONS) t.notOk(telling.has(name), name);
});

const INSIDE = [
  ...['For', 'Host', 'Port', 'Proto', 'Server', 'By', 'Client-Cert'].map((last) => `X-Forwarded-${last}`),
  ...['User', 'Email', 'Groups', 'Prefix', 'Uri', 'Ssl', 'Access-Token'].map((last) => `X-Forwarded-${last}`),
  ...['User', 'Email', 'Redirect'].map((last) => `X-Auth-Request-${last}`),
  ...['Peer-Metadata', 'Original-Dst-Host', 'External-Address'].map((last) => `X-Envoy-${last}`),
  ...['Forwarded-For', 'Host', 'URL', 'URI', 'Remote-Addr'].map((last) => `X-Original-${last}`),
  ...['X-Remote-Addr', 'X-Remote-User', 'X-Remote-Extra-Scopes', 'X-Istio-Attributes', 'l5d-client-id'],
  ...['Forwarded', 'X-Forwarded', 'Client-IP', 'True-Client-IP', 'Proxy-Client-IP', 'WL-Proxy-Client-IP'],
  ...['X-Real-IP', 'X-Client-IP', 'X-ProxyUser-Ip', 'X-Cluster-Client-IP', 'X-Originating-IP', 'X-Host'],
  ...['X-Rewrite-URL', 'CF-Connecting-IP', 'CF-Connecting-IPv6', 'Fastly-Client-IP', 'X-Azure-ClientIP'],
  ...['User', 'Groups', 'Name', 'Email', 'Addr'].map((last) => `Remote-${last}`),
  ...['Cert', 'Verify', 'Subject-DN', 'Issuer-DN', 'DN', 'Serial'].map((last) => `SSL-Client-${last}`),
  ...['X-Goog-Iap-Jwt-Assertion', 'X-Goog-Authenticated-User-Email', 'CF-Access-Jwt-Assertion'],
  ...['Identity', 'Data', 'Accesstoken'].map((last) => `X-Amzn-Oidc-${last}`),
  ...['X-MS-CLIENT-PRINCIPAL', 'X-MS-CLIENT-PRINCIPAL-NAME', 'X-MS-TOKEN-AAD-ID-TOKEN', 'X-Azure-SocketIP'],
  ...['X-SSL-Client-DN', 'X-SSL-Cert', 'X-Client-Cert', 'X-Client-Cert-Chain', 'X-Amzn-Mtls-Clientcert-Leaf'],
  ...['X-Authenticated-User', 'X-AppEngine-User-IP', 'CF-Access-Authenticated-User-Email'],
];
const OF_APPLICATIONS = [
  ...['Host', 'User-Agent', 'Cookie', 'Content-Type', 'traceparent', 'X-Request-Id', 'X-Team', 'X-Hosting'],
  ...[
    'X-Requested-With',
    'X-Auth-Token',
    'X-Forward',
    'X-Origin',
    'X-Client-SKU',
    'X-Amz-Date',
    'X-Goog-User-Project',
  ],
  ...['X-Ms-Client-Request-Id', 'X-Ms-Date', 'X-Amzn-Trace-Id', 'X-Authentication'],
  ...['CF-Access-Client-Secret', 'X-Azure-Region', 'Referer', 'Sec-Fetch-Site', 'Sec-CH-UA', 'Content-Range'],
];

const REFUSED: Readonly<Record<string, string>> = {
  '': '"" is no name of a field, write one such as "X-Internal-Id"',
  'X Y': '"X Y" is no name of a field, write one such as "X-Internal-Id"',
  'X:': '"X:" is no name of a field, write one such as "X-Internal-Id"',
  Via: '"Via" is not kept back by strip, write via: off',
  forwarded: '"Forwarded" is not kept back by strip, write forwarded: off',
  'Transfer-Encoding': '"Transfer-Encoding" is a field of one connection, which never leaves; remove it',
  'Weir-Identity': '"Weir-Identity" is a field of one connection, which never leaves; remove it',
  Host: 'Without "Host" a request would mean something else, remove it',
  'content-length': 'Without "content-length" a request would mean something else, remove it',
  Authorization: 'Without "Authorization" a request would mean something else, remove it',
  'If-Match': 'Without "If-Match" a request would mean something else, remove it',
  Expect: 'Without "Expect" a request would mean something else, remove it',
};

for (const [name, message] of Object.entries(REFUSED)) {
  t.test(`parseKeptBack() refuses "${name}"`, async (t) => t.throws(() => parseKeptBack(name), { message }));
}

const VIAS: Readonly<Record<string, string>> = {
  '1.1 t1-0a': '1.1 t1-0a',
  '1.0 a, 1.1 b,  HTTP/1.1 c': '1.0 a, 1.1 b,  HTTP/1.1 c',
  '1.1 squid.corp': '1.1 inside',
  '1.1 a:3128': '1.1 inside',
  '1.1 [::1]:80, 1.0 b': '1.1 inside, 1.0 b',
  '1.1 squid.corp:3128 (squid/5.7, "a")': '1.1 inside',
  '1.1 a (b.corp, (c \\) d), e), 2 f': '1.1 a, 2 f',
  '1.1 a ) , 1.1 b': '1.1 a, 1.1 b',
  '1.1, , 1.1\tb.corp': '1.1 inside, 1.1 inside',
  '1.1 a (b': '1.1 a',
  '1.1 a (b\\': '1.1 a',
  'a.corp': '1.1 inside',
  '10.0.0.7': '1.1 inside',
  '[::1]:80, 1.1 a': '1.1 inside, 1.1 a',
  '1.1 a, 1.0 10.0.0.7': '1.1 a, 1.0 inside',
};

for (const [via, expected] of Object.entries(VIAS)) {
  t.test(`hideHosts() of "${via}"`, async (t) => t.equal(hideHosts(via), expected));
}

// Attacks: bounded.
t.test('hideHosts() is linear, however deep comments are', async (t) => {
  const before = process.cpuUsage().user;
  t.equal(hideHosts(`1.1 a ${'('.repeat(60_000)}`), '1.1 a');
  t.ok(process.cpuUsage().user - before < 2_000_000);
});

t.test('forwardedMember() is one of RFC 7239', async (t) => {
  t.equal(forwardedMember('10.0.0.7', 't2'), 'for=10.0.0.7;by=_t2;proto=http');
  t.equal(forwardedMember('2001:db8::7', 't-2.x_y'), 'for="[2001:db8::7]";by=_t-2.x_y;proto=http');
});
