import t from 'tap';
import { configJsonSchema } from '#config/json-schema.ts';
import { RENDERINGS } from '#record/renderings.ts';
import { fullRecord } from '../../fixtures/records.ts';

t.test('RENDERINGS has every format that the configuration may name, and no other', async (t) => {
  const { log } = Object(configJsonSchema()).properties;
  t.same(log.properties.access.properties.format.enum, Object.keys(RENDERINGS));
});

t.test('every rendering is one printable line', async (t) => {
  for (const [format, render] of Object.entries(RENDERINGS))
    t.match(render(fullRecord()), /^[ -~]+$/, format);
});
