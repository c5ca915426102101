import t from 'tap';
import { FieldNames } from '#net/headers.ts';
import { passableTrailers } from '#net/trailers.ts';

t.test('passableTrailers() keeps what may stand behind a body, in order and as it came', async (t) => {
  const trailers = ['X-Sum', '1', 'ETag', '"a"', 'x-sum', '2', 'Server-Timing', 'x'];
  t.same(passableTrailers(trailers, ['Connection', 'close']), trailers);
  t.same(passableTrailers([], []), []);
});

t.test('passableTrailers() leaves out what Connection of the head names', async (t) => {
  const head = ['CONNECTION', 'X-Sum , close', 'X', 'y', 'Connection', 'x-Other'];
  t.same(passableTrailers(['x-sum', '1', 'X-Kept', '2', 'X-OTHER', '3'], head), ['X-Kept', '2']);
});

t.test(
  'passableTrailers() leaves out fields of one hop, and what has a meaning only ahead of a body',
  async (t) => {
    for (const name of [
      'Transfer-Encoding',
      'Connection',
      'Weir-Identity',
      'Content-Length',
      'HOST',
      'Authorization',
    ]) {
      t.same(passableTrailers([name, 'x', 'X-Kept', 'y'], []), ['X-Kept', 'y'], name);
    }
  },
);

t.test('passableTrailers() leaves out what the caller keeps back', async (t) => {
  t.same(passableTrailers(['X-A', '1', 'X-B', '2'], [], new FieldNames(['x-a'])), ['X-B', '2']);
});
