import t from 'tap';
import { configJsonSchema } from '#config/json-schema.ts';
import { weir } from '../../fixtures/weir.ts';

t.test('weir schema prints the JSON Schema', async (t) => {
  const { status, stdout, stderr } = await weir('schema');
  t.equal(status, 0);
  t.equal(stderr, '');
  t.same(JSON.parse(stdout), configJsonSchema());
});
