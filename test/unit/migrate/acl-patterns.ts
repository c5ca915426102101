import t from 'tap';
import { fieldPatterns, hostPatterns, urlPatterns } from '#migrate/acl-patterns.ts';
import type { Translate } from '#migrate/acl-values.ts';

const AT = { file: 'squid.conf', line: 1, name: 'acl', words: [] };

/** What becomes of the values, and what is told. */
function translated(translate: Translate, text: string, ...flags: string[]) {
  const told: string[] = [];
  const values = text
    .split(' ')
    .filter(Boolean)
    .map((value) => ({ text: value, at: AT }));
  const acl = { name: 'x', type: 'x', values, flags: new Set(flags) };
  const outcome = translate(acl, (_, verdict, message) => told.push(`${verdict} ${message}`));
  return { outcome, told: told.join('\n') };
}

t.test('hostPatterns() takes over what both read alike', async (t) => {
  t.match(translated(hostPatterns, '^api-[0-9]+\\.example\\.com$ (a|b)\\.org'), {
    outcome: { any: [{ dstDomainRegex: ['^api-[0-9]+\\.example\\.com$', '(a|b)\\.org'] }] },
    told: /^changed For a target that is an IP address/,
  });
  for (const text of ['(?i)a', '\\d+', '\\<a', '(a', 'a\\1'])
    t.match(translated(hostPatterns, text).outcome, { unknown: /might read otherwise/ }, text);
});

t.test('hostPatterns() leaves out capitals that Squid never finds', async (t) => {
  t.match(translated(hostPatterns, 'Evil \\Wx'), {
    outcome: { any: [{ dstDomainRegex: ['\\Wx'] }] },
    told: /"Evil" is left out/,
  });
  t.match(translated(hostPatterns, 'Evil', '-i').outcome, { any: [{ dstDomainRegex: ['Evil'] }] });
  t.same(translated(hostPatterns, '').outcome, { constant: false });
});

t.test('urlPatterns() knows that Squid asks them of a CONNECT too', async (t) => {
  t.same(translated(urlPatterns, '^http://a/ -i /x/ +i /Y/').outcome, {
    any: [{ urlRegex: ['^http://a/', '(?i)/x/', '/Y/'] }],
    ofTunnels: 'never',
  });
  t.match(translated(urlPatterns, 'evil'), {
    outcome: { ofTunnels: 'unknown' },
    told: /Weir has no URL there/,
  });
});

t.test('fieldPatterns() names its field, but for secrets', async (t) => {
  t.same(translated(fieldPatterns('user-agent'), '^curl/').outcome, {
    any: [{ headers: { 'user-agent': ['^curl/'] } }],
  });
  t.same(translated(fieldPatterns(undefined), 'X-Tag ^a', '-i').outcome, {
    any: [{ headers: { 'x-tag': ['(?i)^a'] } }],
  });
  t.match(translated(fieldPatterns(undefined), 'Authorization ^Basic').outcome, {
    unknown: /^Weir does not judge/,
  });
});
