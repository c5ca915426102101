import t from 'tap';
import { z } from 'zod';
import { connectionBounds } from '#config/schema-bounds.ts';

t.test('connectionBounds are none where nothing is written', async (t) => {
  const bounds = z.strictObject(connectionBounds);
  t.same(bounds.parse({}), {});
  t.same(bounds.parse({ maxConnections: 9 }), { maxConnections: 9 });
  t.notOk(bounds.safeParse({ maxConnectionsPerClient: 0 }).success);
});
