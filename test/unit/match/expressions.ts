import t from 'tap';
import { compileDomainPatterns, compileUrlPatterns, foundIn } from '#match/expressions.ts';
import { PatternSet, parsePattern } from '#match/patterns.ts';
import { Tri } from '#match/tri.ts';
import { subject } from '../../fixtures/subject.ts';

t.test('compileDomainPatterns() looks for its patterns in the canonical host name', async (t) => {
  const regex = compileDomainPatterns([String.raw`^API-\d+\.example\.com$`, 'xn--b'].map(parsePattern));
  t.equal(regex.key, 'dstDomainRegex');
  t.ok(Object.isFrozen(regex));
  for (const host of ['api-7.example.com', 'API-7.Example.COM.', 'www.bücher.de'])
    t.equal(regex.test(subject({ host })), Tri.True, host);
  for (const host of ['api-7.example.com.evil.org', 'api-.example.com'])
    t.equal(regex.test(subject({ host })), Tri.False, host);
});

t.test('compileDomainPatterns() does not apply to a host that is an address', async (t) => {
  const regex = compileDomainPatterns([parsePattern('.')]);
  t.equal(regex.test(subject({ host: '10.0.0.1' })), Tri.Unknown);
  t.equal(regex.test(subject({ host: '[::1]' })), Tri.Unknown);
});

t.test('compileUrlPatterns() looks for its patterns in the whole URL, with regard to case', async (t) => {
  const regex = compileUrlPatterns([parsePattern(String.raw`^http://example\.com/a\?x=1$`)]);
  t.equal(regex.key, 'urlRegex');
  t.ok(Object.isFrozen(regex));
  t.equal(regex.test(subject({ url: 'http://example.com/a?x=1' })), Tri.True);
  t.equal(regex.test(subject({ url: 'http://example.com/a?x=12' })), Tri.False);
  t.equal(regex.test(subject({ url: 'http://example.com/A?x=1' })), Tri.False);
});

t.test('compileUrlPatterns() knows nothing of a CONNECT, or of a URL that is too long', async (t) => {
  const regex = compileUrlPatterns([parsePattern('^http')]);
  const url = 'http://example.com/'.padEnd(4096, 'a');
  t.equal(regex.test(subject()), Tri.Unknown);
  t.equal(regex.test(subject({ url })), Tri.True);
  t.equal(regex.test(subject({ url: `${url}a` })), Tri.Unknown);
});

t.test('foundIn() says yes, no, or that it cannot know', async (t) => {
  const set = new PatternSet([parsePattern('a')], { longest: 2, ignoresCase: false });
  t.same(
    ['a', 'b', 'aaa'].map((text) => foundIn(set, text)),
    [Tri.True, Tri.False, Tri.Unknown],
  );
});
