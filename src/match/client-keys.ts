/** The keys of an ACL that ask who the client is, and where its connection came in. */
import type { Network } from '#net/ip.ts';
import { compileClientCerts } from './certificates.ts';
import {
  compileNamespaceLabels,
  compileNamespaces,
  compilePodLabels,
  compileServiceAccounts,
  type LabelWishes,
} from './identity.ts';
import type { Matcher } from './matcher.ts';
import { compileSources } from './networks.ts';
import { compileListeners, compileUsers } from './words.ts';

/** Those that ask who runs the client. */
export const IDENTITY_KEYS = ['namespaces', 'serviceAccounts', 'podLabels', 'namespaceLabels'] as const;
export type IdentityKey = (typeof IDENTITY_KEYS)[number];

/** Parsed. No key: it does not matter. */
export interface ClientKeys {
  readonly src?: readonly Network[] | undefined;
  readonly listeners?: readonly string[] | undefined;
  readonly users?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly serviceAccounts?: readonly string[] | undefined;
  readonly podLabels?: LabelWishes | undefined;
  readonly namespaceLabels?: LabelWishes | undefined;
  readonly clientCerts?: readonly string[] | undefined;
}

/** A matcher for each key that is there, cheapest first. */
export function compileClientKeys(keys: ClientKeys): Matcher[] {
  const { listeners, users, namespaces, serviceAccounts, podLabels, namespaceLabels, src, clientCerts } =
    keys;
  return [
    listeners && compileListeners(listeners),
    users && compileUsers(users),
    namespaces && compileNamespaces(namespaces),
    serviceAccounts && compileServiceAccounts(serviceAccounts),
    podLabels && compilePodLabels(podLabels),
    namespaceLabels && compileNamespaceLabels(namespaceLabels),
    clientCerts && compileClientCerts(clientCerts),
    src && compileSources(src),
  ].filter((matcher) => matcher !== undefined);
}
