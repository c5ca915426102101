/** The schema of what operators and auditors see: `admin` and `log`. */
import { z } from 'zod';
import { DEFAULT_ADMIN_ADDRESS } from './listen-address.ts';
import { key, listenAddress, parsed } from './schema-values.ts';

export const admin = z.strictObject({
  address: key(
    listenAddress.prefault(DEFAULT_ADMIN_ADDRESS),
    'IP address and port of `/healthz`, `/readyz` and `/metrics`; never a port of a listener',
    '0.0.0.0:9128',
  ),
  readiness: key(
    z.enum(['process', 'peers']).default('process'),
    'When `/readyz` says 200: while the process takes traffic, or only while not all peers have been down for 30 s',
    'peers',
  ),
});

const STREAMS = ['stdout', 'stderr'];

/** The chain goes on, after a restart, from the last record of its file. */
const file = parsed(z.string().min(1), (path) => {
  if (STREAMS.includes(path))
    throw new Error(
      `"${path}" cannot be read back, write the name of a file such as "/var/log/weir/audit.log"`,
    );
  return path;
});

const audit = z.strictObject({
  path: key(file, 'File to append to, for no other process', '/var/log/weir/audit.log'),
  strict: key(
    z.boolean().default(false),
    'Nothing is dialled before its record is written, and nothing passes while none can be: the answer is 503',
    'true',
  ),
  keyFile: key(
    z.string().min(1).optional(),
    'Private key of Ed25519, in PEM, that signs checkpoints; taken up at the start. Without it whoever can write the file can make it anew',
    '/etc/weir/audit.key',
  ),
});

export const log = z.strictObject({
  access: key(
    z
      .strictObject({
        path: key(
          z.string().min(1).default('stdout'),
          'File to append to, or `stdout`',
          '/var/log/weir/access.log',
        ),
        format: key(
          z.enum(['json', 'ecs', 'squid']).default('json'),
          'What a line looks like: `json` is docs/access-log.md, `ecs` the same in the names of the Elastic Common Schema, `squid` the native line of Squid, one for each transaction',
          'ecs',
        ),
      })
      .prefault({}),
    'The access log: one line for each transaction',
    '{ path: stdout }',
  ),
  audit: key(
    audit.optional(),
    'The audit trail: decisions, revocations and changes of policy, in a chain of hashes; there is none if absent',
    '{ path: /var/log/weir/audit.log, strict: true }',
  ),
  level: key(
    z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
    'Least level of the operational log, on standard error',
    'warn',
  ),
});
