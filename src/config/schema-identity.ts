/** Schema of `identity`: who runs the clients. */
import { z } from 'zod';
import type { StaticClient } from '#identity/static-clients.ts';
import { parseAccountName, parseNamespace, parsePodLabels, parsePodName } from '#match/identity.ts';
import { parseNetwork } from '#net/ip.ts';
import { key, parsed } from './schema-values.ts';
import { firstTwice } from './twice.ts';

const client = z
  .strictObject({
    namespace: key(parsed(z.string(), parseNamespace).optional(), 'Namespace of these clients', 'api'),
    pod: key(parsed(z.string(), parsePodName).optional(), 'Name of the pod, for records', 'api-0'),
    podLabels: key(
      parsed(z.record(z.string(), z.string()), parsePodLabels).optional(),
      'All labels that they have; not known if absent',
      '{ app: api }',
    ),
    serviceAccount: key(
      parsed(z.string(), parseAccountName).optional(),
      'Their service account, without its namespace',
      'builder',
    ),
  })
  .refine((own) => Object.values(own).some((value) => value !== undefined), {
    error: 'Nothing is said of these clients, write for example namespace: api',
  });

type Clients = Readonly<Record<string, z.output<typeof client>>>;

/** @throws {Error} naming a network and the fix */
function clientsOf(clients: Clients): readonly StaticClient[] {
  const entries = Object.entries(clients).map(
    ([text, { namespace, pod, podLabels, serviceAccount }]): StaticClient => {
      return { network: parseNetwork(text), namespace, pod, podLabels, serviceAccount };
    },
  );
  const twice = firstTwice(entries.map(({ network }) => network.text));
  if (twice !== undefined) throw new Error(`Network "${twice}" is there twice, remove one`);
  return entries;
}

export const identity = z.strictObject({
  static: key(
    parsed(z.record(z.string(), client), clientsOf).optional(),
    'Who runs clients, by address or network; of several the longest counts',
    '{ 10.128.4.0/24: { namespace: api, podLabels: { app: api } } }',
  ),
});
