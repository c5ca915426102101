import fc from 'fast-check';
import t from 'tap';
import { readQuestion } from '#control/read-question.ts';

const WHY = { act: 'why', url: 'http://A.example/x', method: 'GET', headers: ['Accept', 'text/html'] };

t.test('readQuestion() reads what is asked, in its canonical form', async (t) => {
  t.same(readQuestion(JSON.stringify(WHY)), {
    act: 'why',
    request: { url: 'http://a.example/x', method: 'GET', headers: ['Accept', 'text/html'] },
  });
  t.match(readQuestion('{"act":"purge","target":"A.example"}'), {
    act: 'purge',
    target: { name: 'a.example', kind: 'host' },
  });
});

for (const [line, why] of [
  ['', /line of JSON/],
  ['{', /line of JSON/],
  ['null', /object/],
  ['[]', /"why" and "purge"/],
  ['{"act":"flush"}', /"why" and "purge"/],
  ['{"act":"purge"}', /"target" is a text/],
  ['{"act":"purge","target":["a"]}', /"target" is a text/],
  [JSON.stringify({ ...WHY, url: 7 }), /"url" is a text/],
  [JSON.stringify({ ...WHY, url: 'https://a/' }), /only plain HTTP/],
  [JSON.stringify({ ...WHY, method: 'CONNECT' }), /A method is a word/],
  [JSON.stringify({ ...WHY, method: 'G T' }), /A method is a word/],
  [JSON.stringify({ ...WHY, headers: 'Accept' }), /names and values/],
  [JSON.stringify({ ...WHY, headers: ['Accept'] }), /names and values/],
  [JSON.stringify({ ...WHY, headers: Array(402).fill('a') }), /at most 200/],
  [JSON.stringify({ ...WHY, headers: ['a b', 'c'] }), /A header field/],
  [JSON.stringify({ ...WHY, headers: ['a', 'c\r\nd'] }), /A header field/],
  [JSON.stringify({ ...WHY, headers: ['a', 1] }), /A header field/],
] as const) {
  t.test(`readQuestion() refuses ${line.slice(0, 100)}`, async (t) => {
    t.throws(() => readQuestion(line), why);
  });
}

t.test('readQuestion() says what is wrong with anything, and never anything else', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      try {
        readQuestion(line);
      } catch (error) {
        if (!(error instanceof Error) || error.constructor !== Error) throw error;
      }
    }),
    { seed: 8, numRuns: 500 },
  );
});
