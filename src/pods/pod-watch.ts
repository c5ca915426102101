/** The watch of pods, whose news pod-directory.ts takes. */
import { KindWatch, type KindWatchEvents } from './kind-watch.ts';
import { type PodChange, readPod, uidOf } from './pod.ts';
import type { Followed } from './watch.ts';

/** Pods that are over are of no use, and in some clusters they are the most. */
const PODS: Followed<PodChange> = {
  path: '/api/v1/pods',
  query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
  // What cannot be read is nobody, whatever it was before.
  read: (object) => readPod(object) ?? uidOf(object),
  gone: uidOf,
};

export class PodWatch extends KindWatch<PodChange> {
  constructor(events: KindWatchEvents<PodChange>) {
    super(PODS, events);
  }
}
