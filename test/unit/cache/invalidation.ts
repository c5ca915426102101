import t from 'tap';
import { invalidatedBy } from '#cache/invalidation.ts';

const URL = 'http://a.example/x/y?q';
const by = (headers: readonly string[], status = 200) => invalidatedBy(URL, { status, headers }).slice(1);

t.test('invalidatedBy() names the URL, where it was no error', async (t) => {
  for (const status of [200, 201, 204, 301, 399]) t.same(invalidatedBy(URL, { status, headers: [] }), [URL]);
  for (const status of [400, 404, 500]) t.same(invalidatedBy(URL, { status, headers: [] }), []);
});

t.test('invalidatedBy() names what Location and Content-Location say of the same origin', async (t) => {
  t.same(by(['Location', '/z?r#f', 'Content-Location', 'w']), [
    'http://a.example/z?r',
    'http://a.example/x/w',
  ]);
  t.same(by(['Location', 'http://a.example/%7e']), ['http://a.example/%7e']);
  t.same(by(['Location', '/%7e/../x']), ['http://a.example/%7e/../x'], 'bytes stay as they are');
  t.same(by(['Location', 'http://b.example/z']), []);
  t.same(by(['Location', 'http://a.example:8080/z']), []);
  t.same(by(['Location', '//b.example/z']), []);
  t.same(by(['Location', 'https://a.example/z']), []);
  t.same(by(['Location', 'http://[']), []);
});
