import t from 'tap';
import {
  fieldPatterns,
  headerPatterns,
  hostPatterns,
  pathPatterns,
  urlPatterns,
} from '#migrate/acl-patterns.ts';
import type { Translate } from '#migrate/acl-values.ts';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

function line(number: number, flags: readonly string[]) {
  const words = ['x', 'x', ...flags].map((text) => ({ text, isQuoted: false }));
  return { file: 'squid.conf', line: number, name: 'acl', words };
}

/** What becomes of the values, and what is told; `;` begins another line. */
function translated(translate: Translate, text: string, ...flags: string[]) {
  const told: string[] = [];
  const values = text.split(';').flatMap((part, index) => {
    const at = line(index + 1, flags);
    return part
      .split(' ')
      .filter(Boolean)
      .map((value) => ({ text: value, at }));
  });
  const acl = { name: 'x', type: 'x', values, flags: new Set(flags) };
  const outcome = translate(acl, (_, verdict, message) => told.push(`${verdict} ${message}`));
  return { outcome, told: told.join('\n') };
}

/** More instructions than one question may cost. */
const COSTLY = `${'([a-z]{1,90}x){1,9}'.repeat(40)}`;

t.test('hostPatterns() takes over what can be said in RE2', async (t) => {
  t.match(translated(hostPatterns, '^api-[0-9]+\\.example\\.com$ (a|b)\\.org'), {
    outcome: { any: [{ dstDomainRegex: ['^api-[0-9]+\\.example\\.com$', '(a|b)\\.org'] }] },
    told: /^changed For a target that is an IP address/,
  });
  t.match(translated(hostPatterns, '\\d+'), {
    outcome: { unknown: /cannot be said in RE2/ },
    told: /"\\d\+" cannot be said in RE2, or means something else there/,
  });
  t.match(translated(hostPatterns, COSTLY).outcome, { unknown: /cost|RE2/ });
});

t.test('hostPatterns() leaves out capitals that Squid never finds', async (t) => {
  t.match(translated(hostPatterns, 'Evil \\Wx'), {
    outcome: { any: [{ dstDomainRegex: ['\\Wx'] }] },
    told: /"Evil" is left out/,
  });
  t.match(translated(hostPatterns, 'Evil', '-i').outcome, { any: [{ dstDomainRegex: ['Evil'] }] });
  t.same(translated(hostPatterns, '').outcome, { constant: false });
  t.same(translated(hostPatterns, 'Evil').outcome, { constant: false });
});

t.test('-i says nothing of another line', async (t) => {
  t.same(translated(hostPatterns, 'a -i B;C').outcome, { any: [{ dstDomainRegex: ['a', 'B'] }] });
});

t.test('hostPatterns() keeps what a set with capitals finds in small letters', async (t) => {
  t.same(translated(hostPatterns, '^[A-Za-c]+\\.x (Evil|bad) [[:upper:]]').outcome, {
    any: [{ dstDomainRegex: ['^[abc]+\\.x', '(bad)'] }],
  });
});

t.test('urlPatterns() knows that Squid asks them of a CONNECT too', async (t) => {
  t.match(translated(urlPatterns, '^http://a/ -i /x/ +i /Y/').outcome, {
    any: [{ urlRegex: ['^http://a/', '(?i)/x/', '/Y/'] }],
    ofTunnels: [],
  });
  t.match(translated(urlPatterns, 'evil /x').outcome, { ofTunnels: [{ dstDomainRegex: ['evil'] }] });
  t.match(translated(urlPatterns, 'Evil').outcome, { ofTunnels: [] }, 'no host has capitals');
  t.same(translated(urlPatterns, '').outcome, { constant: false });
  t.match(translated(urlPatterns, '\\d').outcome, { unknown: /RE2/ });
});

t.test('urlPatterns() refuses what costs too much', async (t) => {
  const many = Array.from({ length: 40 }, (_, index) => `/${'abcdefghij'.repeat(9)}${index}`).join(' ');
  t.match(translated(urlPatterns, many).outcome, { unknown: /cost more/ });
  const hosts = Array.from({ length: 400 }, (_, index) => `${'abcdefghij'.repeat(9)}${index}`).join(' ');
  t.match(translated(hostPatterns, hosts).outcome, { unknown: /cost more/ });
  const fields = translated(fieldPatterns('user-agent'), many).outcome;
  t.match(fields, { unknown: /cost more/ });
});

t.test('pathPatterns() ties expressions to the path', async (t) => {
  t.match(translated(pathPatterns, '^/x -i \\.exe$').outcome, {
    any: [{ urlRegex: ['^http://[^/]+/x', '(?i)^http://[^/]+/.*\\.exe$'] }],
    ofTunnels: [],
  });
  t.match(translated(pathPatterns, '(a)'), {
    outcome: { unknown: /cannot be tied/ },
    told: /might be found in the host/,
  });
  t.match(translated(pathPatterns, '\\d').outcome, { unknown: /RE2/ });
});

t.test('fieldPatterns() and headerPatterns() name their field', async (t) => {
  t.match(translated(fieldPatterns('user-agent'), '^curl/'), {
    outcome: { any: [{ headers: { 'user-agent': ['^curl/'] } }] },
    told: /^changed Of a field that a request has several times/,
  });
  t.same(translated(headerPatterns, 'X-Tag ^a;x-tag x-tag', '-i').outcome, {
    any: [{ headers: { 'x-tag': ['(?i)^a', '(?i)x-tag'] } }],
  });
  t.match(translated(headerPatterns, 'X-Tag a;X-Other b').outcome, { unknown: /not about one field/ });
  t.match(translated(headerPatterns, 'X:Tag a').outcome, { unknown: /not about one field/ });
  t.match(translated(headerPatterns, '').outcome, { unknown: /not about one field/ });
  t.same(translated(headerPatterns, 'X-Tag').outcome, { constant: false });
});

t.test('headerPatterns() judges no secrets and nothing of one hop, and shows none', async (t) => {
  t.match(translated(headerPatterns, 'Authorization ^Basic').outcome, { unknown: /^Weir does not judge/ });
  t.match(translated(headerPatterns, 'Weir-Identity .*').outcome, { unknown: /^Weir does not judge/ });
  t.match(translated(headerPatterns, 'Host ^evil').outcome, { unknown: /^Weir does not judge/ });
  t.match(translated(headerPatterns, 'Upgrade .*').outcome, { unknown: /^Weir does not judge/ });
  t.same(translated(headerPatterns, 'Cookie .*').outcome, {
    any: [{ headers: { cookie: { present: true } } }],
  });
  const { told } = translated(headerPatterns, 'X-Token hunter2\\d');
  t.match(told, /An expression cannot be said in RE2/);
  t.notMatch(told, 'hunter2');
});

t.test('a URL with escapes cannot be judged: Squid undoes them first', async (t) => {
  const found = await imported(t, [
    'acl evil url_regex evil',
    'http_access deny evil',
    'http_access allow all',
  ]);
  t.same(rulesOf(found), [
    'deny evil !escaped-url !tunnels',
    'deny escaped-url !tunnels',
    'deny tunnels evil-host',
    'allow all',
  ]);
  t.match(toldOf(found, 2)[0], /^dangerous It denies more.*Squid undoes %-escapes/);
  t.match(toldOf(found, 2)[1], /^changed A target that is an IP address is refused/);
  const open = await imported(t, [
    'acl good url_regex ^http://a/',
    'http_access allow good',
    'http_access deny all',
  ]);
  t.same(rulesOf(open), ['allow good !escaped-url !tunnels', 'deny all']);
});

t.test('a URL that cannot be judged of a CONNECT denies every CONNECT', async (t) => {
  const found = await imported(t, [
    'acl evil url_regex 80',
    'http_access deny evil',
    'http_access allow all',
  ]);
  t.ok(rulesOf(found).includes('deny tunnels'));
  t.match(toldOf(found, 1)[0], /^changed "80": Squid looks for this in the host and port of a CONNECT/);
  t.match(toldOf(found, 2)[0], /^dangerous Every CONNECT is denied from here on/);
});
