import t from 'tap';
import { auditSecrets, logOptions, withPaths } from '#config/assemble-log.ts';

const access = { path: 'stdout', format: 'json' } as const;
const audit = { path: 'a.log', strict: true, keyFile: 'k' };
const absolute = (name: string): string => `/etc/${name}`;

t.test('logOptions() has no audit trail where none is asked for', async (t) => {
  const options = { accessPath: 'stdout', accessFormat: 'json', audit: undefined, level: 'info' };
  t.strictSame(logOptions({ access, level: 'info' }), options);
  t.strictSame(withPaths(logOptions({ access, level: 'info' }), absolute), options);
  t.same(auditSecrets({ log: { access, level: 'info' } }), []);
});

t.test('withPaths() makes files absolute, and leaves streams', async (t) => {
  const options = logOptions({ access: { path: 'x', format: 'ecs' }, audit, level: 'warn' });
  t.strictSame(options.audit, audit);
  t.strictSame(withPaths(options, absolute), {
    accessPath: '/etc/x',
    accessFormat: 'ecs',
    audit: { path: '/etc/a.log', strict: true, keyFile: '/etc/k' },
    level: 'warn',
  });
  t.same(auditSecrets({ log: { access, audit, level: 'info' } }), ['k']);
  const unsigned = { path: 'a.log', strict: false };
  t.equal(
    withPaths(logOptions({ access, audit: unsigned, level: 'info' }), absolute).audit?.keyFile,
    undefined,
  );
  t.same(auditSecrets({ log: { access, audit: unsigned, level: 'info' } }), []);
});
