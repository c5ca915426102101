/** Who runs a client, by its TCP address: a table that the configuration holds (`identity.static`). The longest network counts. */
import type { Identity } from '#match/subject.ts';
import type { IpAddress, Network } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';

/** An entry of the table; what is undefined is not known of these clients. */
export interface StaticClient {
  readonly network: Network;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly serviceAccount: string | undefined;
  /** All that there are. */
  readonly podLabels: Readonly<Record<string, string>> | undefined;
  /** All labels of their namespace. */
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
}

/** A network, and whose it is. */
interface Place extends Network {
  readonly identity: Identity;
}

export class StaticClients {
  readonly #places: PrefixSet<Place>;

  constructor(clients: readonly StaticClient[]) {
    this.#places = new PrefixSet(
      clients.map((client) => ({ ...client.network, identity: Object.freeze(identityOf(client)) })),
    );
  }

  /** Undefined: nothing is known. */
  identityOf(address: IpAddress): Identity | undefined {
    return this.#places.find(address)?.identity;
  }

  /** The network by which it is known, in text. */
  networkOf(address: IpAddress): string | undefined {
    return this.#places.find(address)?.text;
  }
}

/** Undefined where no client is known so, and it costs nothing. */
export function compileStaticClients(clients: readonly StaticClient[]): StaticClients | undefined {
  return clients.length === 0 ? undefined : new StaticClients(clients);
}

function identityOf({ namespace, pod, serviceAccount, podLabels, namespaceLabels }: StaticClient): Identity {
  return {
    namespace,
    pod,
    uid: undefined,
    serviceAccount,
    podLabels: podLabels && new Map(Object.entries(podLabels)),
    hasAllLabels: podLabels !== undefined,
    namespaceLabels: namespaceLabels && {
      labels: new Map(Object.entries(namespaceLabels)),
      hasAllLabels: true,
    },
  };
}
