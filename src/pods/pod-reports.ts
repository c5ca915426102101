/** What operators are told of the watches of pods and namespaces: in the log, and by metrics. */
import type { ApiFault } from './api-session.ts';
import type { KindWatchEvents } from './kind-watch.ts';
import type { NamespaceChange } from './namespace.ts';
import { NamespaceWatch } from './namespace-watch.ts';
import type { PodChange } from './pod.ts';
import { PodDirectory, type PodDirectoryOptions } from './pod-directory.ts';
import { PodWatch } from './pod-watch.ts';
import { TierSize } from './tier-size.ts';

/** As much of a log as this takes. */
export interface PodLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface PodReports {
  readonly log: PodLog;
  /** Told why the watch began again. */
  readonly onRestart: (trouble: ApiFault['trouble']) => void;
}

/** Warns of a node. */
export function warnOfNode(log: Pick<PodLog, 'warn'>, node: string, address: string): void {
  log.warn(
    { node, address },
    'A client has the address of a node, so that nobody knows which pod it is: its pod uses the host network, or its address is translated on the way',
  );
}

/** A directory that warns of what operators should know. */
export function openDirectory(log: PodLog, options: Pick<PodDirectoryOptions, 'now'> = {}): PodDirectory {
  return new PodDirectory({
    ...options,
    onNode: (node, address) => warnOfNode(log, node, address),
    onStale: staleness(log, 'pods'),
    onStaleNamespaces: staleness(log, 'labels of namespaces'),
  });
}

function staleness(log: PodLog, what: string): (isStale: boolean) => void {
  return (isStale) => {
    if (isStale)
      log.warn({}, `The API server has not been heard for 5 minutes, what is known of ${what} may be wrong`);
    else log.info({}, `The API server is heard again of ${what}`);
  };
}

/** The size of the tier, which warns where this host is none of its pods. */
export function openTierSize(log: Pick<PodLog, 'warn'>, directory: PodDirectory): TierSize {
  return new TierSize(directory, {
    onStranger: () =>
      log.warn(
        {},
        'No pod has an address of this host, so that limits hold here as if it were the only one of its tier',
      ),
  });
}

/** A watch of pods that tells why it begins again, and of its lists. */
export function openPodWatch(reports: PodReports, onNews: KindWatchEvents<PodChange>['onNews']): PodWatch {
  return new PodWatch(reported(PODS, reports, onNews));
}

/** The same of namespaces. */
export function openNamespaceWatch(
  reports: PodReports,
  onNews: KindWatchEvents<NamespaceChange>['onNews'],
): NamespaceWatch {
  return new NamespaceWatch(reported(NAMESPACES, reports, onNews));
}

/** What is watched, in words. */
interface Spoken {
  readonly kind: 'pods' | 'namespaces';
  /** What is to be done where it may not be watched. */
  readonly cure: string;
}

const PODS: Spoken = {
  kind: 'pods',
  cure: 'no pod is known until a ClusterRole such as weir-pod-reader (k8s/base/pod-reader.yaml) lets it list and watch them',
};
const NAMESPACES: Spoken = {
  kind: 'namespaces',
  cure: 'what namespaceLabels ask for is unknown, so that rules that deny by it hold and rules that allow by it do not, until a ClusterRole such as weir-namespace-reader (k8s/components/namespace-labels) lets it list and watch them',
};

function reported<T>(
  { kind, cure }: Spoken,
  { log, onRestart }: PodReports,
  onNews: KindWatchEvents<T>['onNews'],
): KindWatchEvents<T> {
  return {
    onNews(news) {
      onNews(news);
      if (news.isAll)
        log.info({ [kind]: news.changes.length }, `${kind === 'pods' ? 'Pods' : 'Namespaces'} are listed`);
    },
    onRestart({ trouble, message }, waitMs) {
      onRestart(trouble);
      const facts = { why: trouble, wait_ms: Math.round(waitMs) };
      const why = trouble === 'refused' ? `${message}; ${cure}` : message;
      if (trouble === 'ended') log.debug(facts, `The watch of ${kind} goes on`);
      else log.warn(facts, `The watch of ${kind} begins again: ${why}`);
    },
  };
}
