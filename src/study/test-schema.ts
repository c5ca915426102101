/** Schema of a file of policy tests: who asks, for what, when, and what the policy is to say. */
import { z } from 'zod';
import { key, list, parsed, reference } from '#config/schema-values.ts';
import { parseInstant } from '#match/instant.ts';
import { addressIn } from './question.ts';

const text = z.string().min(1);

const from = z.strictObject({
  ip: key(parsed(z.string(), addressIn), 'Address of the client', '10.128.0.7'),
  listener: key(reference.optional(), 'Listener that takes the connection; the first if absent', 'microsoft'),
  namespace: key(text.optional(), 'Namespace of the client', 'api'),
  podLabels: key(z.record(text, z.string()).optional(), 'Labels of its pod', '{ app: api }'),
  namespaceLabels: key(
    z.record(text, z.string()).optional(),
    'Labels of its namespace',
    '{ egress: microsoft }',
  ),
  serviceAccount: key(text.optional(), 'Service account of its pod', 'api'),
  user: key(
    text.optional(),
    'User whose credentials it presents, one of the users file; nobody if absent',
    'alice',
  ),
});

const expect = z.strictObject({
  verdict: key(
    z.enum(['allow', 'deny', 'needs-address']),
    'What the configuration is to say; `needs-address`: that it depends on the address',
    'allow',
  ),
  rule: key(
    z.union([reference, z.null()]).optional(),
    'Rule that is to decide, `null` for none; any if absent',
    'microsoft-login',
  ),
});

const test = z.strictObject({
  name: key(text, 'What it is about', 'api pods log in at Microsoft'),
  from: key(from, 'Who asks', '{ ip: 10.128.0.7 }'),
  target: key(text, 'host:port of a CONNECT, or an http:// URL', 'login.microsoft.com:443'),
  method: key(text.optional(), 'Method; CONNECT or GET by the target if absent', 'POST'),
  headers: key(z.record(text, z.string()).optional(), 'Header fields', '{ User-Agent: curl }'),
  at: key(
    parsed(z.string(), parseInstant).optional(),
    'When it is asked; now if absent',
    '2026-11-23T10:00+08:00',
  ),
  address: key(
    parsed(z.string(), addressIn).optional(),
    'What the name leads to, for rules and guard that judge it; nobody is asked',
    '20.190.159.2',
  ),
  expect: key(expect, 'What the policy is to say', '{ verdict: allow, rule: microsoft-login }'),
});

/** The file as a whole. */
export const testSchema = z.strictObject({
  tests: key(
    list(test),
    'Tests, each on its own',
    '[{ name: pods log in, from: { ip: 10.128.0.7 }, target: "a.b:443", expect: { verdict: allow } }]',
  ),
});

/** One test, read. */
export type PolicyTest = z.output<typeof test>;
