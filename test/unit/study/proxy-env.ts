import t from 'tap';
import { parseException } from '#study/no-proxy.ts';
import { type Language, parseProxyUrl, proxyEnvironment } from '#study/proxy-env.ts';

const PROXY = parseProxyUrl('http://Proxy.intra:3128');
const NO_PROXY = ['10.128.0.0/14', '.svc'].map(parseException);

const environment = (language?: Language) => proxyEnvironment(PROXY, NO_PROXY, language);

t.test('proxyEnvironment() sets every spelling, with a scheme', async (t) => {
  const url = 'http://proxy.intra:3128';
  const list = 'localhost,127.0.0.1,::1,10.128.0.0/14,svc,.svc';
  t.same(environment().variables, {
    HTTP_PROXY: url,
    http_proxy: url,
    HTTPS_PROXY: url,
    https_proxy: url,
    NO_PROXY: list,
    no_proxy: list,
    NODE_USE_ENV_PROXY: '1',
  });
});

t.test('proxyEnvironment() writes for each runtime what it reads', async (t) => {
  const rows: Readonly<Record<Language, string>> = {
    java: '',
    node: 'localhost,127.0.0.1,::1,10.128.0.0-10.131.255.255,svc,.svc',
    python: 'localhost,127.0.0.1,::1,10.128.0.0/14,svc,.svc',
    go: 'localhost,127.0.0.1,::1,10.128.0.0/14,svc,.svc',
    dotnet: 'localhost,127.0.0.1,::1,svc,.svc',
    curl: 'localhost,127.0.0.1,::1,10.128.0.0/14,svc,.svc',
  };
  for (const [language, list] of Object.entries(rows) as [Language, string][]) {
    const { variables, notes } = environment(language);
    t.equal(variables.no_proxy ?? '', list, language);
    t.equal(variables.NODE_USE_ENV_PROXY, language === 'node' ? '1' : undefined, language);
    t.ok(notes.length > 0, language);
  }
});

t.test('proxyEnvironment() leaves out what curl does not read', async (t) => {
  t.same(Object.keys(environment('curl').variables), [
    'http_proxy',
    'HTTPS_PROXY',
    'https_proxy',
    'NO_PROXY',
    'no_proxy',
  ]);
});

t.test('proxyEnvironment() gives Java its options', async (t) => {
  t.same(environment('java').variables, {
    JAVA_TOOL_OPTIONS: [
      '-Dhttp.proxyHost=proxy.intra -Dhttp.proxyPort=3128',
      '-Dhttps.proxyHost=proxy.intra -Dhttps.proxyPort=3128',
      '-Dhttp.nonProxyHosts=localhost|127.0.0.1|[::1]|10.128.*|10.129.*|10.130.*|10.131.*|svc|*.svc',
    ].join(' '),
  });
});

t.test('proxyEnvironment() does not tell Java to speak in the open to a proxy that wants TLS', async (t) => {
  const proxy = parseProxyUrl('https://proxy:443');
  t.throws(() => proxyEnvironment(proxy, [], 'java'), {
    message: /^Java cannot speak TLS to its proxy, write the http:/,
  });
  t.match(proxyEnvironment(proxy, [], 'curl').variables, { https_proxy: 'https://proxy:443' });
});

t.test('proxyEnvironment() tells what it leaves out, and what a network is good for', async (t) => {
  t.ok(environment('dotnet').notes.includes('Left out, because it has no form there: 10.128.0.0/14'));
  t.match(environment().notes, [/^A network covers requests to its addresses alone/]);
  t.same(proxyEnvironment(PROXY, []).notes, []);
});

t.test('parseProxyUrl() reads a URL, or host and port', async (t) => {
  for (const [text, scheme, authority] of [
    ['proxy:3128', 'http', 'proxy:3128'],
    ['http://proxy:3128/', 'http', 'proxy:3128'],
    ['HTTPS://proxy:443', 'https', 'proxy:443'],
    ['[::1]:3128', 'http', '[::1]:3128'],
  ] as const) {
    t.match(parseProxyUrl(text), { scheme, authority: { text: authority } }, text);
  }
});

t.test('parseProxyUrl() says what is wrong, and shows no credentials', async (t) => {
  const rows: readonly [string, RegExp][] = [
    ['proxy', /^Proxy URL "proxy" cannot be read, write one such as http:\/\//],
    ['http://proxy', /cannot be read/],
    ['http://proxy:3128/path', /cannot be read/],
    ['socks5://proxy:1080', /^Proxy URL has the scheme "socks5", write one such as/],
    ["http://a'b:3128", /cannot be read/],
    ['', /cannot be read/],
    ['proxy:1\n', /cannot be read/],
  ];
  for (const [text, message] of rows) t.throws(() => parseProxyUrl(text), { message }, text);
  t.throws(() => parseProxyUrl('http://ada:secret@proxy:3128'), { message: /^(?!.*secret).*credentials/ });
});
