/** All that a process or a host watches of its cluster: pods, and namespaces where a policy asks for their labels. */
import type { ApiOptions } from './api-session.ts';
import type { NamespaceDirectory, NamespaceNews } from './namespace-directory.ts';
import type { NamespaceWatch } from './namespace-watch.ts';
import type { PodNews } from './pod-directory.ts';
import { openNamespaceWatch, openWatch, type PodReports } from './pod-reports.ts';
import type { PodWatch } from './pod-watch.ts';

export interface WatchedCluster extends ApiOptions {
  readonly watchesNamespaces: boolean;
}

/** What operators are told of it. */
export interface ClusterReports extends PodReports {
  /** Told why the watch of namespaces began again. */
  readonly onNamespacesRestart: PodReports['onRestart'];
}

export interface ClusterNews {
  readonly onPods: (news: PodNews) => void;
  readonly onNamespaces: (news: NamespaceNews) => void;
}

export class ClusterWatch {
  readonly #pods: PodWatch;
  readonly #namespaces: NamespaceWatch;

  constructor(
    { log, onRestart, onNamespacesRestart }: ClusterReports,
    { onPods, onNamespaces }: ClusterNews,
  ) {
    this.#pods = openWatch({ log, onRestart }, onPods);
    this.#namespaces = openNamespaceWatch({ log, onRestart: onNamespacesRestart }, onNamespaces);
  }

  /** Goes by other settings, or by none; by the same it goes on. */
  follow(cluster: WatchedCluster | undefined): void {
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
