import fc from 'fast-check';
import t from 'tap';
import { redactUrl } from '#record/redact.ts';

const CASES: Readonly<Record<string, readonly [url: string, redacted: string]>> = {
  'nothing secret': ['http://example.com:8080/a/b;c', 'http://example.com:8080/a/b;c'],
  'a query': ['http://example.com/a?token=secret', 'http://example.com/a?[redacted]'],
  'an empty query': ['http://example.com/a?', 'http://example.com/a?[redacted]'],
  'a query without path': ['http://example.com?token=secret', 'http://example.com?[redacted]'],
  'a fragment': ['http://example.com/a#secret', 'http://example.com/a'],
  'a question mark in the fragment': ['http://example.com/a#b?secret', 'http://example.com/a'],
  'a query and a fragment': ['http://example.com/a?secret#secret', 'http://example.com/a?[redacted]'],
  'user and password': ['http://user:secret@example.com/a', 'http://example.com/a'],
  'a password with an @': ['http://user:sec@ret@example.com/a', 'http://example.com/a'],
  'an @ in the path': ['http://example.com/@a', 'http://example.com/@a'],
  'an @ in the query': ['http://example.com/?user:secret@host', 'http://example.com/?[redacted]'],
  'user information without a path': ['http://user:secret@example.com', 'http://example.com'],
  'an IPv6 host': ['http://user:secret@[::1]:80/', 'http://[::1]:80/'],
  'a backslash for a slash': ['http://user:secret\\@example.com/', 'http://example.com/'],
  'one slash too few': ['http:/user:secret@example.com/', 'http:/example.com/'],
  'one slash too many': ['http:///user:secret@example.com/', 'http:///example.com/'],
  'capital letters': ['HTTP://user:secret@EXAMPLE.com/%7e', 'HTTP://EXAMPLE.com/%7e'],
  'no scheme': ['user:secret@example.com:443', 'example.com:443'],
  'only slashes for a scheme': ['//user:secret@example.com/', '//example.com/'],
  'a path alone': ['/a/b?secret', '/a/b?[redacted]'],
  'an empty text': ['', ''],
};

for (const [title, [url, redacted]] of Object.entries(CASES)) {
  // Attacks: secrets.
  t.test(`redactUrl() of a URL with ${title}`, async (t) => {
    t.equal(redactUrl(url), redacted);
  });
}

// Attacks: secrets.
t.test('redactUrl() never lets a secret through, and never throws', async (t) => {
  const noise = fc.string({ maxLength: 5, unit: 'binary' });
  fc.assert(
    fc.property(noise, noise, noise, (user, path, query) => {
      const url = `http://${user.replaceAll('/', '')}:SECRET@example.com/${path}?${query}SECRET#SECRET`;
      return !redactUrl(url).includes('SECRET');
    }),
    { seed: 20_261_129 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => redactUrl(text).length <= text.length + 10),
    { seed: 20_261_129 },
  );
  t.pass('for what fast-check made up');
});
