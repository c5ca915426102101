/** `kubernetes` as the watches of pods and namespaces take it. */
import type { KubernetesOptions } from './config.ts';
import type { ParsedConfig } from './schema.ts';

/** Undefined where pods are not watched. */
export function kubernetesOptions({
  kubernetes: { identity, apiServer, tokenFile, caFile, whenStale },
  acls,
}: Pick<ParsedConfig, 'kubernetes' | 'acls'>): KubernetesOptions | undefined {
  // What nobody asks for is not watched, and needs no permission.
  const watchesNamespaces = Object.values(acls).some(({ namespaceLabels }) => namespaceLabels !== undefined);
  return identity ? { server: apiServer, tokenFile, caFile, whenStale, watchesNamespaces } : undefined;
}

/** With the files as the process sees them. */
export function withFiles(
  options: KubernetesOptions | undefined,
  absolute: (name: string) => string,
): KubernetesOptions | undefined {
  if (options === undefined) return undefined;
  const { tokenFile, caFile } = options;
  return { ...options, tokenFile: tokenFile && absolute(tokenFile), caFile: caFile && absolute(caFile) };
}
