import t from 'tap';
import { readEnvironment } from '#doctor/environment.ts';
import { parseTarget } from '#doctor/target.ts';

const TLS = parseTarget('a.x');
const PROXY = 'http://p:3128';
const BOTH = { HTTPS_PROXY: PROXY, https_proxy: PROXY };

t.test('readEnvironment() finds nothing wrong where nothing is', async (t) => {
  const reading = readEnvironment(BOTH, TLS, undefined);
  t.match(reading, { proxy: PROXY, fault: undefined, check: '', source: 'https_proxy of the environment' });
  t.match(reading.notes, [
    /^Node does not use the proxy: .*NODE_USE_ENV_PROXY/,
    /^Java does not use the proxy: /,
  ]);
});

t.test('readEnvironment() tells spellings that differ', async (t) => {
  const environment = { HTTPS_PROXY: 'http://old:1', https_proxy: PROXY };
  t.match(readEnvironment(environment, TLS, undefined), {
    proxy: PROXY,
    fault: 'https_proxy and HTTPS_PROXY differ: curl reads https_proxy, Go reads HTTPS_PROXY',
    check: 'Give both spellings the same value',
  });
  t.match(readEnvironment(environment, TLS, 'go'), { proxy: 'http://old:1', fault: undefined });
});

t.test('readEnvironment() tells what is not set', async (t) => {
  const none = readEnvironment({}, TLS, undefined);
  t.match(none, { proxy: undefined, fault: 'Neither HTTPS_PROXY nor https_proxy is set', source: '' });
  t.match(none.check, /^Set the variables as `weir env` prints them, or/);
  t.match(readEnvironment({ http_proxy: PROXY }, TLS, undefined), {
    fault: /; http_proxy is set, which is for other requests$/,
  });
  t.match(readEnvironment({}, parseTarget('http://a.x'), 'curl'), {
    fault: /^Neither HTTP_PROXY nor http_proxy/,
  });
  const java = readEnvironment({ JAVA_TOOL_OPTIONS: '-Dhttps.proxyHost=p' }, TLS, undefined);
  t.match(
    java,
    { proxy: 'http://p:443', fault: /^Neither/ },
    'Java alone has one, and the walk goes on by it',
  );
});

t.test('readEnvironment() tells what goes past the proxy: of all, of some, of one', async (t) => {
  t.match(readEnvironment({ ...BOTH, NO_PROXY: 'b, .x' }, TLS, undefined), {
    proxy: PROXY,
    fault: 'NO_PROXY has ".x", so that a.x:443 is not asked of the proxy',
    check: 'Take the entry out of NO_PROXY',
  });
  const some = readEnvironment({ ...BOTH, NO_PROXY: '*.x' }, TLS, undefined);
  t.equal(some.fault, undefined);
  t.match(some.notes, ['Past the proxy go requests of Go: NO_PROXY has "*.x"', /^Node/, /^Java/]);
  t.match(readEnvironment({ ...BOTH, NO_PROXY: '*.x' }, TLS, 'go'), { fault: /has "\*\.x"/ });
  const odd = readEnvironment({ ...BOTH, no_proxy: 'a.x:443', NODE_USE_ENV_PROXY: '1' }, TLS, undefined);
  t.ok(odd.notes.includes('Node does not use the proxy: no_proxy has "a.x:443"'), odd.notes.join('\n'));
});

t.test('readEnvironment() tells who reads none of what is set, and who takes no such value', async (t) => {
  const upper = readEnvironment({ HTTP_PROXY: 'p:1' }, parseTarget('http://a.x'), undefined);
  t.equal(upper.fault, undefined);
  t.match(upper.notes, [/^No proxy is known to curl, which/, /^The value has no http:\/\/ in front/]);
  t.match(readEnvironment({ https_proxy: PROXY }, TLS, 'node'), {
    fault: /^Node does not use the proxy: it reads the variables only where/,
    notes: [],
  });
  t.match(readEnvironment({}, TLS, 'java'), {
    fault: /^Java does not use the proxy: it reads options of the JVM/,
  });
});

t.test('readEnvironment() shows no bytes of an entry that a terminal obeys', async (t) => {
  const environment = { https_proxy: PROXY, no_proxy: '.x\u009b,b' };
  t.notMatch(JSON.stringify(readEnvironment(environment, TLS, undefined)), /\u009b/);
  const hostile = { _JAVA_OPTIONS: '-Dhttps.proxyHost=p -Dhttp.nonProxyHosts=*\u009b*|*x' };
  t.notMatch(JSON.stringify(readEnvironment(hostile, TLS, 'java')), /\u009b/);
});
