/** Schema of the keys of an ACL that ask who the client is. */
import { z } from 'zod';
import { parseCertificateName } from '#match/certificates.ts';
import { parseLabels, parseNamespace, parseServiceAccount } from '#match/identity.ts';
import { parseUser } from '#match/words.ts';
import { key, list, networks, parsed, reference } from './schema-values.ts';

const labelValues = z.union([z.string().transform((value) => [value]), list(z.string())]);

/** Keys of an ACL. */
export const clientKeys = {
  src: key(
    networks.optional(),
    'Address of the client, as the TCP connection has it, or a PROXY header',
    '[10.128.0.0/14]',
  ),
  listeners: key(list(reference).optional(), 'Name of the listener that took the connection', '[microsoft]'),
  users: key(
    list(parsed(z.string(), parseUser)).optional(),
    'Who has authenticated to the proxy; `*` is every user',
    '[alice]',
  ),
  namespaces: key(
    list(parsed(z.string(), parseNamespace)).optional(),
    'Namespace of the pod that is the client',
    '[api]',
  ),
  podLabels: key(
    parsed(z.record(z.string(), labelValues), parseLabels).optional(),
    'Labels of the pod that is the client: all must match; of several values of one, any',
    '{ app: api }',
  ),
  namespaceLabels: key(
    parsed(z.record(z.string(), labelValues), parseLabels).optional(),
    'Labels of the namespace of that pod: all must match; of several values of one, any',
    '{ egress: microsoft }',
  ),
  serviceAccounts: key(
    list(parsed(z.string(), parseServiceAccount)).optional(),
    'Service account of the pod that is the client: a name, or namespace/name',
    '[api/builder]',
  ),
  clientCerts: key(
    list(parsed(z.string(), parseCertificateName)).optional(),
    'A name in the certificate of the client: `dns:`, `uri:` or `email:` of its alternative names, `cn:`, or `sha256:` of the whole',
    '["dns:t1.example.com"]',
  ),
};
