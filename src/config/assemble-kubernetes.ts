/** `kubernetes` as the watch of pods takes it. */
import type { KubernetesOptions } from './config.ts';
import type { ParsedConfig } from './schema.ts';

/** Undefined where pods are not watched. */
export function kubernetesOptions({
  identity,
  apiServer,
  tokenFile,
  caFile,
  whenStale,
}: ParsedConfig['kubernetes']): KubernetesOptions | undefined {
  return identity ? { server: apiServer, tokenFile, caFile, whenStale } : undefined;
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
