import t from 'tap';
import { admin, log } from '#config/schema-operation.ts';

t.test('log has an audit trail only where it is asked for', async (t) => {
  t.equal(log.parse({}).audit, undefined);
  t.same(log.parse({ audit: { path: 'a.log' } }).audit, { path: 'a.log', strict: false });
  t.same(admin.parse({}).readiness, 'process');
});

t.test('log.audit goes to a file, since it is read back', async (t) => {
  for (const path of ['stdout', 'stderr'])
    t.match(log.safeParse({ audit: { path } }).error?.issues, [
      {
        message: `"${path}" cannot be read back, write the name of a file such as "/var/log/weir/audit.log"`,
      },
    ]);
});
