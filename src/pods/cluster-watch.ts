/** All that a process or a host watches of its cluster: pods, and namespaces where a policy asks for their labels. */
import { type ApiOptions, TROUBLES } from './api-session.ts';
import type { NamespaceDirectory, NamespaceNews } from './namespace-directory.ts';
import type { NamespaceWatch } from './namespace-watch.ts';
import type { PodDirectory, PodNews } from './pod-directory.ts';
import { openNamespaceWatch, openPodWatch, type PodReports } from './pod-reports.ts';
import type { PodWatch } from './pod-watch.ts';

export interface WatchedCluster extends ApiOptions {
  readonly watchesNamespaces: boolean;
}

/** What operators are told of it. */
export interface ClusterReports {
  readonly log: PodReports['log'];
  readonly metrics: {
    /** Told for which reasons watches may begin again, and which there are. */
    expect(reasons: readonly string[], cluster: WatchedCluster | undefined): void;
    readonly restarts: {
      readonly onRestart: PodReports['onRestart'];
      /** Of the watch of namespaces. */
      readonly onNamespacesRestart: PodReports['onRestart'];
    };
  };
}

export interface ClusterNews {
  readonly onPods: (news: PodNews) => void;
  readonly onNamespaces: (news: NamespaceNews) => void;
}

export class ClusterWatch {
  readonly #pods: PodWatch;
  readonly #namespaces: NamespaceWatch;
  readonly #metrics: ClusterReports['metrics'];

  constructor({ log, metrics }: ClusterReports, { onPods, onNamespaces }: ClusterNews) {
    const { onRestart, onNamespacesRestart } = metrics.restarts;
    this.#metrics = metrics;
    this.#pods = openPodWatch({ log, onRestart }, onPods);
    this.#namespaces = openNamespaceWatch({ log, onRestart: onNamespacesRestart }, onNamespaces);
  }

  /** Goes by other settings, or by none; by the same it goes on. */
  follow(cluster: WatchedCluster | undefined): void {
    this.#metrics.expect(TROUBLES, cluster);
    this.#pods.follow(cluster);
    this.#namespaces.follow(cluster?.watchesNamespaces === true ? cluster : undefined);
  }

  /**
   * Begins to watch the namespaces that `cluster` asks for, and waits until they are known, a moment at most: when it is put in force open
   * tunnels are judged by it. What is not to be put in force after all is undone by {@link follow}.
   */
  async foresee(cluster: WatchedCluster | undefined, namespaces: NamespaceDirectory): Promise<void> {
    if (cluster?.watchesNamespaces !== true) return;
    this.#namespaces.follow(cluster);
    await namespaces.untilSynced();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#pods.stop(), this.#namespaces.stop()]);
  }
}

interface KindState {
  readonly count: number;
  readonly ageSeconds: number;
}

/** How much is known, and how old that is; undefined: it is not watched. */
interface ClusterState {
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
