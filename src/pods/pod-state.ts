/** How much is known of a cluster, and how old that is, for metrics. */
import type { WatchedCluster } from './cluster-watch.ts';
import type { PodDirectory } from './pod-directory.ts';

interface KindState {
  readonly count: number;
  readonly ageSeconds: number;
}

/** Undefined: not watched. */
export interface ClusterState {
  readonly pods: KindState | undefined;
  readonly namespaces: KindState | undefined;
}

/** What is known by a configuration, as it watches the cluster or does not. */
export function clusterStateOf(
  { kubernetes }: { readonly kubernetes: WatchedCluster | undefined },
  directory: PodDirectory,
): ClusterState {
  const { namespaces } = directory;
  return {
    pods: kubernetes && stateOf(directory),
    namespaces: kubernetes?.watchesNamespaces === true ? stateOf(namespaces) : undefined,
  };
}

function stateOf({ size, ageMs }: { readonly size: number; readonly ageMs: number }): KindState {
  return { count: size, ageSeconds: ageMs / 1000 };
}
