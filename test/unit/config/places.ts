import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { formatPlace, readPlaces } from '#config/places.ts';

t.test('readPlaces() gives the place of every value, and of what is missing the nearest', async (t) => {
  const file = join(t.testdir({ 't.yaml': 'name: t1\naccess:\n  - { name: a }\n  - name: b\n' }), 't.yaml');
  const placeOf = await readPlaces(file);
  t.same(placeOf(['name']), { file, line: 1, column: 7 });
  t.same(placeOf(['access', 0]), { file, line: 3, column: 5 });
  t.same(placeOf(['access', 1]), { file, line: 4, column: 5 });
  t.same(placeOf(['access', 0, 'name']), { file, line: 3, column: 13 });
  t.same(placeOf(['access', 0, 'allow']), { file, line: 3, column: 5 });
});

t.test('readPlaces() reads a stream in place of the file', async (t) => {
  const placeOf = await readPlaces('<stdin>', Readable.from([Buffer.from('name: t1\nworkers: 2\n')]));
  t.same(placeOf(['workers']), { file: '<stdin>', line: 2, column: 10 });
});

t.test('readPlaces() tells that there is no such file', async (t) => {
  await t.rejects(readPlaces(join(t.testdir({}), 'gone.yaml')), {
    message: /^Cannot read .*: no such file$/,
  });
});

t.test('formatPlace() is what editors open, whatever the name of the file', async (t) => {
  t.equal(formatPlace({ file: 'a\nb.yaml', line: 3, column: 5 }), 'a?b.yaml:3:5');
});
