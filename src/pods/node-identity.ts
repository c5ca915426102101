/** Who a client is that has the address of a node: anything that runs there. */
import type { Identity } from '#match/subject.ts';

/** Nothing is known of what runs on a node, but for where it does. */
export function identityOfNode(node: string): Identity {
  return Object.freeze({
    namespace: undefined,
    // No name in an assertion is longer.
    pod: `node/${node}`.slice(0, 253),
    uid: undefined,
    serviceAccount: undefined,
    podLabels: undefined,
    hasAllLabels: false,
    namespaceLabels: undefined,
  });
}
