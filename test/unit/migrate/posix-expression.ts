import t from 'tap';
import { ofPath, toRe2 } from '#migrate/posix-expression.ts';

const SAID: Readonly<Record<string, string | undefined>> = {
  '^api-[0-9]+\\.example\\.com$': '^api-[0-9]+\\.example\\.com$',
  '(a|b){1,3}': '(a|b){1,3}',
  '\\w+\\.x': '\\w+\\.x',
  'a\\/b': 'a\\/b',
  '[[:alpha:]_]': '[[:alpha:]_]',
  '[a\\.]': '[a\\\\.]',
  '[]a]': '[\\]a]',
  '[^]a[]': '[^\\]a\\[]',
  '[\\w]': '[\\\\w]',
  '[a\\]b]': '[a\\\\]b]',
  '[[.a.]]': undefined,
  '[[=a=]]': undefined,
  '\\d+': undefined,
  '\\<a': undefined,
  'a\\1': undefined,
  'a\\': undefined,
  '(?i)a': undefined,
  'a+?': undefined,
  'a**': undefined,
  'a{2}{3}': undefined,
  'a{,3}': undefined,
  'a{x': undefined,
  '*a': undefined,
  '(*a)': undefined,
  '^*a': undefined,
  'a|+b': undefined,
  '(a': undefined,
  '[a': undefined,
  '[z-a]': undefined,
  münchen: undefined,
  '': undefined,
};

for (const [text, said] of Object.entries(SAID)) {
  t.test(`toRe2(): ${text}`, async (t) => t.equal(toRe2(text), said));
}

const OF_PATHS: Readonly<Record<string, string | undefined>> = {
  '^/x$': '^http://[^/]+/x$',
  '/x': '^http://[^/]+(?:/.*)?/x',
  '\\.exe$': '^http://[^/]+/.*\\.exe$',
  'x(a|b)': '^http://[^/]+/.*x(a|b)',
  'x?a': undefined,
  'a|b': undefined,
  '^.x': undefined,
  '(a)': undefined,
  '/?a': undefined,
};

for (const [text, url] of Object.entries(OF_PATHS)) {
  t.test(`ofPath(): ${text}`, async (t) => t.equal(ofPath(text), url));
}
