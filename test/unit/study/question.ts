import t from 'tap';
import { type Question, subjectOf } from '#study/question.ts';

const POD: Question = { ip: '10.128.0.7', target: 'login.microsoft.com:443' };

t.test('subjectOf() takes host:port for a CONNECT, now', async (t) => {
  const before = Date.now();
  const { clientAddress, listener, method, host, port, timeMs, destination } = subjectOf(POD);
  t.same(
    [clientAddress.text, listener, method, host.text, port],
    ['10.128.0.7', '', 'CONNECT', 'login.microsoft.com', 443],
  );
  t.ok(timeMs >= before && timeMs <= Date.now());
  t.equal(destination, undefined);
});

t.test('subjectOf() takes a URL for a GET, and its default port', async (t) => {
  t.match(subjectOf({ ...POD, target: 'http://Example.com/path' }), {
    method: 'GET',
    host: { text: 'example.com' },
    port: 80,
  });
});

t.test('subjectOf() takes what it is told instead', async (t) => {
  const asked = { ...POD, method: 'POST', target: 'http://a.b:8080/', listener: 'main', at: 7 };
  t.match(subjectOf(asked), {
    method: 'POST',
    port: 8080,
    listener: 'main',
    timeMs: 7,
  });
});

t.test('subjectOf() takes who runs the client, and the head', async (t) => {
  const podLabels = { app: 'api' };
  const namespaceLabels = { team: 'a' };
  const who = { namespace: 'api', podLabels, namespaceLabels, serviceAccount: 'builder', user: 'alice' };
  const found = subjectOf({ ...POD, ...who, target: 'http://A.b/c?d', headers: { Accept: '*' } });
  t.match(found, { user: 'alice', requestUrl: 'http://a.b/c?d', headers: ['Accept', '*'] });
  t.match(found.identity, { namespace: 'api', serviceAccount: 'builder', hasAllLabels: true });
  t.same(found.identity?.podLabels, new Map([['app', 'api']]));
  t.same(found.identity?.namespaceLabels, { labels: new Map([['team', 'a']]), hasAllLabels: true });
});

t.test('subjectOf() knows nothing that it is not told', async (t) => {
  const found = subjectOf(POD);
  t.match(found, {
    user: undefined,
    requestUrl: undefined,
    headers: [],
    identity: undefined,
    clientCert: undefined,
  });
  const { identity } = subjectOf({ ...POD, serviceAccount: 'builder' });
  t.match(identity, {
    namespace: undefined,
    podLabels: undefined,
    hasAllLabels: false,
    namespaceLabels: undefined,
  });
});

t.test(
  'subjectOf() takes the host of a CONNECT for the server name, unless it is told another, or none',
  async (t) => {
    t.equal(subjectOf(POD).sni?.text, 'login.microsoft.com');
    t.equal(subjectOf({ ...POD, sni: 'Front.Example.' }).sni?.text, 'front.example');
    t.equal(subjectOf({ ...POD, sni: '' }).sni, undefined);
    t.equal(subjectOf({ ...POD, target: '10.0.0.1:443' }).sni, undefined, 'no client names an address');
    t.equal(subjectOf({ ...POD, target: 'http://a.b/', sni: 'a.b' }).sni, undefined, 'plain HTTP has none');
  },
);

const REFUSED: Readonly<Record<string, readonly [question: Partial<Question>, message: string]>> = {
  'a client that is no address': [
    { ip: 'pod' },
    'Address "pod" cannot be read, write one such as "10.128.0.7"',
  ],
  'a server name that is none': [
    { sni: 'a..b' },
    'Server name "a..b" cannot be read, write a host name such as "example.com"',
  ],
  'a host without port': [
    { target: 'a.b' },
    'Target "a.b" cannot be asked for by CONNECT, write host:port for a CONNECT, such as "example.com:443", or else an absolute http:// URL',
  ],
  'a secure URL': [
    { target: 'https://a.b/c' },
    'Target "https://a.b/c" cannot be asked for by GET, write "a.b:443", which a client asks for by CONNECT',
  ],
  'a secure URL with a port': [
    { target: 'https://a.b:8443' },
    'Target "https://a.b:8443" cannot be asked for by GET, write "a.b:8443", which a client asks for by CONNECT',
  ],
  'a URL with another method than it can have': [
    { target: 'http://a.b/', method: 'CONNECT' },
    'Target "http://a.b/" cannot be asked for by CONNECT, write host:port for a CONNECT, such as "example.com:443", or else an absolute http:// URL',
  ],
};

for (const [what, [question, message]] of Object.entries(REFUSED)) {
  t.test(`subjectOf() refuses ${what}`, async (t) => {
    t.throws(() => subjectOf({ ...POD, ...question }), { message });
  });
}
