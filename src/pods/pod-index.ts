/**
 * Which pod an address is. Pods are told apart by their uid, since names and addresses are given again. Where two claim one address the
 * one that was started later has it, for the first could not have it still; the other one never gets it back, not even when the
 * newcomer goes: whoever comes next is nobody, until it is known who that is. An address of a node is no pod's.
 */
import type { Identity, NamespaceLabels } from '#match/subject.ts';
import { type LabelSet, LabelSets } from './label-sets.ts';
import { identityOfNode } from './node-identity.ts';
import type { Pod, PodChange } from './pod.ts';
import { ReadyCounts } from './ready-counts.ts';
import { Words } from './words.ts';

/** More than Kubernetes holds (150,000 in one cluster). Of more than that nothing is known. */
const MAX_PODS = 200_000;

/** Whose an address is. */
export interface Place {
  readonly identity: Identity;
  /** The node whose address it is; undefined: a pod's. */
  readonly node: string | undefined;
  /** Undefined of a node. */
  readonly isReady?: boolean;
}

/** What is kept of one pod: an object and two short lists, whatever it is made of. */
interface Entry extends Place {
  readonly node: undefined;
  readonly identity: Identity & { readonly uid: string; readonly podLabels: LabelSet };
  /** What it claims, and what of that is another's. */
  readonly addresses: readonly string[];
  lost: readonly string[];
  readonly runsOn: Home | undefined;
  readonly startedMs: number;
  readonly isRunning: boolean;
  readonly isReady: boolean;
}

/** A node, as pods tell of it that run there. */
interface Home extends Place {
  readonly node: string;
  readonly key: string;
  readonly addresses: readonly string[];
  pods: number;
}

const NONE: readonly never[] = [];

type LabelsOf = (namespace: string) => NamespaceLabels | undefined;

export class PodIndex {
  readonly ready = new ReadyCounts();
  readonly #labelsOf: LabelsOf;
  readonly #maxPods: number;
  readonly #byUid = new Map<string, Entry>();
  readonly #byAddress = new Map<string, Entry | Home>();
  readonly #homes = new Map<string, Home>();
  readonly #words = new Words();
  readonly #labels = new LabelSets(this.#words);

  /** `labelsOf` knows the labels of a namespace. */
  constructor(labelsOf: LabelsOf = () => undefined, maxPods = MAX_PODS) {
    this.#labelsOf = labelsOf;
    this.#maxPods = maxPods;
  }

  /** How many pods are known. */
  get size(): number {
    return this.#byUid.size;
  }

  /** Undefined: nobody knows. `address` is canonical. */
  find(address: string): Place | undefined {
    return this.#byAddress.get(address);
  }

  apply(change: PodChange): void {
    if (typeof change === 'string') this.#remove(change);
    else this.#put(change);
  }

  /** Takes over all that there are, in one step. Who loses an address to another does not get it back by it. */
  replace(pods: readonly Pod[]): void {
    const known = new Set(pods.map(({ uid }) => uid));
    for (const uid of [...this.#byUid.keys()]) if (!known.has(uid)) this.#remove(uid);
    for (const pod of pods) this.#put(pod);
  }

  /** As another index has to be told of it: with the addresses that it has. Undefined where it is not known. */
  known(uid: string): Pod | undefined {
    const entry = this.#byUid.get(uid);
    return entry && podOf(entry);
  }

  /** All pods, for another index that begins. */
  all(): Pod[] {
    return [...this.#byUid.values()].map(podOf);
  }

  #put(pod: Pod): void {
    const before = this.#byUid.get(pod.uid);
    if (before === undefined ? this.#byUid.size >= this.#maxPods : isSame(before, pod)) return;
    const entry = this.#entryOf(pod, before);
    if (before !== undefined) this.#forget(before);
    this.#byUid.set(entry.identity.uid, entry);
    this.ready.add(entry);
    for (const address of entry.addresses) if (!entry.lost.includes(address)) this.#claim(entry, address);
  }

  #entryOf(pod: Pod, before: Entry | undefined): Entry {
    const addresses = pod.addresses.length === 0 ? NONE : pod.addresses;
    return {
      identity: this.#identityOf(pod, before),
      node: undefined,
      addresses,
      // What it does not claim any more it may be given anew.
      lost: before === undefined ? NONE : before.lost.filter((address) => addresses.includes(address)),
      runsOn: this.#homeOf(pod),
      startedMs: pod.startedMs,
      isRunning: pod.isRunning,
      isReady: pod.isReady,
    };
  }

  /** The same one as long as it says the same: others remember what they made of it. */
  #identityOf(pod: Pod, before: Entry | undefined): Entry['identity'] {
    const labels = this.#labels.take(pod.labels);
    if (before?.identity.podLabels === labels && before.identity.hasAllLabels === pod.hasAllLabels)
      return before.identity;
    const { serviceAccount } = pod;
    const namespace = this.#words.same(pod.namespace);
    return Object.freeze({
      namespace,
      pod: pod.name,
      uid: before?.identity.uid ?? pod.uid,
      serviceAccount: serviceAccount && this.#words.same(serviceAccount),
      podLabels: labels,
      hasAllLabels: pod.hasAllLabels,
      namespaceLabels: this.#labelsOf(namespace),
    });
  }

  #homeOf({ node, nodeAddresses }: Pod): Home | undefined {
    if (node === undefined || nodeAddresses.length === 0) return undefined;
    const addresses = nodeAddresses.toSorted();
    const key = [node, ...addresses].join(' ');
    const home = this.#homes.get(key) ?? { identity: identityOfNode(node), node, key, addresses, pods: 0 };
    home.pods += 1;
    if (home.pods === 1) this.#settle(home);
    return home;
  }

  #settle(home: Home): void {
    this.#homes.set(home.key, home);
    for (const address of home.addresses) {
      const held = this.#byAddress.get(address);
      if (held !== undefined && !isHome(held)) lose(held, address);
      this.#byAddress.set(address, home);
    }
  }

  #claim(entry: Entry, address: string): void {
    const held = this.#byAddress.get(address);
    if (held !== undefined) {
      const isLost = isHome(held) || !isLater(entry, held);
      lose(isLost ? entry : (held as Entry), address);
      if (isLost) return;
    }
    this.#byAddress.set(address, entry);
  }

  #remove(uid: string): void {
    const entry = this.#byUid.get(uid);
    if (entry === undefined) return;
    this.#byUid.delete(uid);
    this.#forget(entry);
  }

  /** Lets go of all that it has. */
  #forget(entry: Entry): void {
    this.ready.remove(entry);
    this.#labels.giveBack(entry.identity.podLabels);
    this.#free(entry.addresses, entry);
    const home = entry.runsOn;
    if (home === undefined) return;
    home.pods -= 1;
    if (home.pods > 0) return;
    this.#homes.delete(home.key);
    this.#free(home.addresses, home);
  }

  #free(addresses: readonly string[], holder: Entry | Home): void {
    for (const address of addresses)
      if (this.#byAddress.get(address) === holder) this.#byAddress.delete(address);
  }
}

function isHome(place: Entry | Home): place is Home {
  return place.node !== undefined;
}

/** A new list has thousands of which nothing is new. */
function isSame({ identity, addresses, runsOn, startedMs, ...own }: Entry, pod: Pod): boolean {
  return (
    startedMs === pod.startedMs &&
    own.isRunning === pod.isRunning &&
    own.isReady === pod.isReady &&
    identity.hasAllLabels === pod.hasAllLabels &&
    runsOn?.node === pod.node &&
    areSame(addresses, pod.addresses) &&
    areSame(identity.podLabels.list, pod.labels) &&
    areSame(runsOn?.addresses ?? NONE, pod.nodeAddresses)
  );
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** Of two that were started in the same second, a running one, or else the one that is told of last. */
function isLater(entry: Entry, held: Entry): boolean {
  if (entry.startedMs !== held.startedMs) return entry.startedMs > held.startedMs;
  return entry.isRunning || !held.isRunning;
}

function lose(entry: Entry, address: string): void {
  entry.lost = [...entry.lost, address];
}

function podOf({ identity, addresses, lost, runsOn, startedMs, isRunning, isReady }: Entry): Pod {
  return {
    uid: identity.uid,
    namespace: identity.namespace as string,
    name: identity.pod as string,
    serviceAccount: identity.serviceAccount,
    labels: identity.podLabels.list,
    hasAllLabels: identity.hasAllLabels,
    addresses: addresses.filter((address) => !lost.includes(address)),
    node: runsOn?.node,
    nodeAddresses: runsOn?.addresses ?? NONE,
    startedMs,
    isRunning,
    isReady,
  };
}
