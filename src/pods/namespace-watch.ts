/** The watch of namespaces, whose news namespace-directory.ts takes. */
import { KindWatch, type KindWatchEvents } from './kind-watch.ts';
import { type NamespaceChange, nameOf, readNamespace } from './namespace.ts';
import type { Followed } from './watch.ts';

const NAMESPACES: Followed<NamespaceChange> = {
  path: '/api/v1/namespaces',
  query: {},
  read: readNamespace,
  gone: nameOf,
};

export class NamespaceWatch extends KindWatch<NamespaceChange> {
  constructor(events: KindWatchEvents<NamespaceChange>) {
    super(NAMESPACES, events);
  }
}
