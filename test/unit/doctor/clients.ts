import t from 'tap';
import { firstSet, viewOf } from '#doctor/clients.ts';
import { parseTarget } from '#doctor/target.ts';

const TLS = parseTarget('a.x');
const PLAIN = parseTarget('http://a.x');

t.test('viewOf() reads the spellings that each runtime reads, in its order', async (t) => {
  const both = { HTTPS_PROXY: 'upper', https_proxy: 'lower', HTTP_PROXY: 'plain' };
  for (const client of ['curl', 'python', 'dotnet', 'node'] as const)
    t.match(viewOf(client, both, TLS), { client, variable: 'https_proxy', proxy: 'lower' });
  t.match(viewOf('go', both, TLS), {
    variable: 'HTTPS_PROXY',
    proxy: 'upper',
    bypass: undefined,
    fault: undefined,
  });
  t.match(viewOf('curl', both, PLAIN), { variable: undefined, proxy: undefined }, 'not HTTP_PROXY');
  t.match(viewOf('go', both, PLAIN), { proxy: 'plain' });
  t.match(viewOf('curl', { ALL_PROXY: 'all' }, PLAIN), { variable: 'ALL_PROXY', proxy: 'all' });
  t.match(viewOf('go', { ALL_PROXY: 'all' }, TLS), { proxy: undefined });
  t.match(viewOf('python', { https_proxy: '', HTTPS_PROXY: 'upper' }, TLS), { proxy: 'upper' });
});

t.test('viewOf() tells what sends a request past the proxy', async (t) => {
  const environment = { https_proxy: 'p', no_proxy: 'a.x', NO_PROXY: 'b.x' };
  t.match(viewOf('curl', environment, TLS), { bypass: { variable: 'no_proxy', entry: 'a.x' } });
  t.match(viewOf('go', environment, TLS), { bypass: undefined });
  t.match(viewOf('go', {}, parseTarget('localhost')), { bypass: { variable: 'Go itself' } });
  t.match(viewOf('go', {}, parseTarget('127.1.2.3')), { bypass: { entry: '127.1.2.3' } });
});

t.test('viewOf() knows the switch of Node, and what it takes', async (t) => {
  const proxy = { https_proxy: 'http://p:1' };
  t.match(viewOf('node', proxy, TLS), { fault: /NODE_USE_ENV_PROXY/ });
  for (const on of [{ NODE_USE_ENV_PROXY: '1' }, { NODE_OPTIONS: '--use-env-proxy' }])
    t.match(viewOf('node', { ...proxy, ...on }, TLS), { fault: undefined });
  t.match(viewOf('node', { https_proxy: 'p:1', NODE_USE_ENV_PROXY: '1' }, TLS), {
    fault: /without http:\/\//,
  });
  t.match(viewOf('node', {}, TLS), { fault: undefined, proxy: undefined });
});

t.test('viewOf() reads options of the JVM', async (t) => {
  t.match(viewOf('java', { https_proxy: 'p' }, TLS), { proxy: undefined, fault: /-Dhttps\.proxyHost$/ });
  const options = '-Xmx1g "-Dhttps.proxyHost=old" -Dhttps.proxyHost=p -Dhttps.proxyPort=3128';
  t.match(viewOf('java', { JAVA_TOOL_OPTIONS: options }, TLS), {
    variable: 'JAVA_TOOL_OPTIONS',
    proxy: 'http://p:3128',
    bypass: undefined,
    fault: undefined,
  });
  t.match(viewOf('java', { JAVA_TOOL_OPTIONS: options }, PLAIN), { fault: /-Dhttp\.proxyHost$/ });
  t.match(viewOf('java', { _JAVA_OPTIONS: '-Dhttp.proxyHost=q' }, PLAIN), { proxy: 'http://q:80' });
  t.match(viewOf('java', { _JAVA_OPTIONS: '-Dhttps.proxyHost=q' }, TLS), { proxy: 'http://q:443' });
  const past = { JDK_JAVA_OPTIONS: `${options} -Dhttp.nonProxyHosts=*.x` };
  t.match(viewOf('java', past, TLS), { bypass: { variable: 'http.nonProxyHosts', entry: '*.x' } });
});

t.test('firstSet() takes an empty value for none', async (t) => {
  t.equal(firstSet({ a: '', b: 'x' }, ['c', 'a', 'b']), 'b');
  t.equal(firstSet({}, ['a']), undefined);
});
