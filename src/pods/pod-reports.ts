/** What operators are told of the watch of pods: in the log, and by metrics. */
import type { ApiFault } from './api-session.ts';
import { PodDirectory, type PodDirectoryOptions, type PodNews } from './pod-directory.ts';
import { PodWatch, type PodWatchEvents } from './pod-watch.ts';
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
    onStale(isStale) {
      if (isStale)
        log.warn({}, 'The API server has not been heard for 5 minutes, what is known of pods may be wrong');
      else log.info({}, 'The API server is heard again');
    },
  });
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

/** A watch that tells why it begins again, and of its lists. */
export function openWatch({ log, onRestart }: PodReports, onNews: PodWatchEvents['onNews']): PodWatch {
  return new PodWatch({
    onNews(news: PodNews) {
      onNews(news);
      if (news.isAll) log.info({ pods: news.changes.length }, 'Pods are listed');
    },
    onRestart({ trouble, message }, waitMs) {
      onRestart(trouble);
      const facts = { why: trouble, wait_ms: Math.round(waitMs) };
      if (trouble === 'ended') log.debug(facts, 'The watch of pods goes on');
      else log.warn(facts, `The watch of pods begins again: ${message}`);
    },
  });
}
