import t from 'tap';
import { servedHead } from '#cache/served-head.ts';
import { dateAgo, entry, NOW } from '../../fixtures/cache-entry.ts';

const kept = entry(['X', '1', 'ETag', '"a"', 'Date', dateAgo(5)]);
const served = (method: string, headers: readonly string[], of = kept) =>
  servedHead({ method, headers }, of, NOW + 2500);

t.test('servedHead() gives all of what is kept, with its age', async (t) => {
  t.same(served('GET', []), {
    status: 200,
    phrase: 'OK',
    fields: [...kept.headers, 'Age', '7', 'Content-Length', '10'],
    from: 0,
    end: 10,
  });
});

t.test('servedHead() gives no body to HEAD, and no part', async (t) => {
  t.same(served('HEAD', ['Range', 'bytes=0-1']), { ...served('GET', []), end: 0 });
});

t.test('servedHead() writes no length for a 204', async (t) => {
  const empty = entry([], { status: 204, phrase: 'No Content', body: Buffer.alloc(0) });
  t.same(served('GET', [], empty).fields, ['Age', '2']);
});

t.test(
  'servedHead() tells a client that it has it already, with all but what describes the body',
  async (t) => {
    const described = entry(['Content-Type', 'a/b', ...kept.headers, 'Content-Location', '/c', 'X-Y', '2']);
    t.same(served('GET', ['If-None-Match', '"a"'], described), {
      status: 304,
      phrase: 'Not Modified',
      fields: [...kept.headers, 'Content-Location', '/c', 'X-Y', '2', 'Age', '7'],
      from: 0,
      end: 0,
    });
  },
);

t.test('servedHead() gives a part', async (t) => {
  t.same(served('GET', ['Range', 'bytes=2-4']), {
    status: 206,
    phrase: 'Partial Content',
    fields: [...kept.headers, 'Age', '7', 'Content-Range', 'bytes 2-4/10', 'Content-Length', '3'],
    from: 2,
    end: 5,
  });
});

t.test('servedHead() refuses a part that there is not', async (t) => {
  t.same(served('GET', ['Range', 'bytes=10-']), {
    status: 416,
    phrase: 'Range Not Satisfiable',
    fields: ['Content-Range', 'bytes */10', 'Content-Length', '0', 'Age', '7'],
    from: 0,
    end: 0,
  });
});
