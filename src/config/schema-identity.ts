/** Schema of `identity` and `kubernetes`: who runs the clients, as the operator says, and as a cluster does. */
import { z } from 'zod';
import type { StaticClient } from '#identity/static-clients.ts';
import { parseAccountName, parseNamespace, parseOwnLabels, parsePodName } from '#match/identity.ts';
import { parseNetwork } from '#net/ip.ts';
import { parseApiServer } from './api-server.ts';
import { key, parsed } from './schema-values.ts';
import { firstTwice } from './twice.ts';

const client = z
  .strictObject({
    namespace: key(parsed(z.string(), parseNamespace).optional(), 'Namespace of these clients', 'api'),
    pod: key(parsed(z.string(), parsePodName).optional(), 'Name of the pod, for records', 'api-0'),
    podLabels: key(
      parsed(z.record(z.string(), z.string()), parseOwnLabels).optional(),
      'All labels that they have; not known if absent',
      '{ app: api }',
    ),
    namespaceLabels: key(
      parsed(z.record(z.string(), z.string()), parseOwnLabels).optional(),
      'All labels of their namespace; not known if absent',
      '{ egress: microsoft }',
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
    ([text, { namespace, pod, podLabels, namespaceLabels, serviceAccount }]): StaticClient => {
      return { network: parseNetwork(text), namespace, pod, podLabels, namespaceLabels, serviceAccount };
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

export const kubernetes = z.strictObject({
  identity: key(
    z.boolean().default(false),
    'Watch the pods of the cluster, and know clients by their addresses: namespace, pod, service account, labels',
    'true',
  ),
  apiServer: key(
    parsed(z.string(), parseApiServer).optional(),
    'API server of the cluster; in a pod that of its own cluster if absent',
    'https://10.0.0.1:6443',
  ),
  tokenFile: key(
    z.string().min(1).optional(),
    'File of the token to show; in a pod without `apiServer` that of its service account if absent, else none is shown',
    '/var/run/secrets/kubernetes.io/serviceaccount/token',
  ),
  caFile: key(
    z.string().min(1).optional(),
    "PEM file of the authorities of the API server's certificate; in a pod without `apiServer` that of its service account if absent, else those of the system",
    '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
  ),
  whenStale: key(
    z.enum(['keep', 'unknown']).default('keep'),
    'Who pods are when the API server has not been heard for 5 minutes: still who they were, or unknown',
    'unknown',
  ),
});
