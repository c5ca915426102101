import t from 'tap';
import {
  fileNameOf,
  hasWholeOrigin,
  isFor,
  isForSame,
  originOf,
  parseFileName,
  partHash,
  urlHash,
  whoseIs,
} from '#cache/file-name.ts';
import { fresh, nameOf } from '../../fixtures/cache-disk.ts';

const URL = 'http://a.example:8080/x?y=1';

t.test('a name tells by hashes whose answer it is, and nothing in clear but what it varies by', async (t) => {
  const { url, rest } = nameOf(fresh({ url: URL, names: ['accept', 'x.y'], selection: '=1\n-' }), 3);
  t.match(url, /^[0-9a-f]{32}$/);
  t.equal(url, urlHash(URL));
  t.match(rest, /^[0-9a-f]{24}\.3\.accept,x\.y$/);
  t.same(whoseIs(rest), {
    origin: partHash('http://a.example:8080'),
    partition: partHash('rule route'),
    selection: partHash('=1\n-'),
    seat: 3,
    names: ['accept', 'x.y'],
  });
  t.same(parseFileName(`${url}.${rest}`), { url, rest });
  t.same(whoseIs(nameOf(fresh()).rest).names, []);
});

t.test('what a name cannot hold is not for the disk', async (t) => {
  t.equal(fileNameOf(fresh({ names: ['x'.repeat(121)] }), 0), undefined);
  t.equal(fileNameOf(fresh({ names: ['a/b'] }), 0), undefined);
});

t.test('parseFileName() knows its own only', async (t) => {
  const { url, rest } = nameOf(fresh());
  for (const name of ['', 'x', url, `${url}.x`, `${url}.${rest}.a/b`, `${url}.${rest}.`, `.${url}.${rest}`])
    t.equal(parseFileName(name), undefined, name);
});

t.test('files for the same requests are known whoever wrote them', async (t) => {
  const kept = fresh({ names: ['a'], selection: '=1' });
  t.ok(isForSame(nameOf(kept, 0).rest, nameOf(kept, 12).rest));
  t.notOk(isForSame(nameOf(kept).rest, nameOf(fresh({ names: ['a'], selection: '=2' })).rest));
  t.notOk(isForSame(nameOf(kept).rest, nameOf(fresh({ names: ['b'], selection: '=1' })).rest));
  t.notOk(isForSame(nameOf(kept).rest, nameOf(fresh({ ...kept, partition: 'q' })).rest));
});

t.test('isFor() knows which requests would have got it', async (t) => {
  const whose = whoseIs(nameOf(fresh({ names: ['a'], selection: '=1' })).rest);
  t.ok(isFor(whose, ['A', '1']));
  t.notOk(isFor(whose, ['A', '2']));
  t.ok(isFor(whoseIs(nameOf(fresh()).rest), ['A', '2']));
});

t.test('originOf() is scheme and authority, to the end of what is told', async (t) => {
  t.equal(originOf(URL), 'http://a.example:8080');
  t.equal(originOf('http://a.exa'), 'http://a.exa');
  t.ok(hasWholeOrigin('http://a.example/'));
  t.notOk(hasWholeOrigin('http://a.exa'));
});
