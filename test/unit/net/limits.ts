import t from 'tap';
import { hasTooManyFields, MAX_FIELDS } from '#net/limits.ts';

t.test('hasTooManyFields() counts field lines, not names and values', async (t) => {
  const fields = Array.from({ length: MAX_FIELDS }, () => ['A', 'b']).flat();
  t.notOk(hasTooManyFields([]));
  t.notOk(hasTooManyFields(fields));
  t.ok(hasTooManyFields([...fields, 'A', 'b']));
});
