/**
 * What is kept of a pod, read strictly from what the API server says: who it is and where it connects from. What has no uid, no name
 * or no time is no pod; what is over, or is about to be, is as good as gone.
 */
import { parseIp } from '#net/ip.ts';
import { type Fields, mapping } from './mapping.ts';
import { type ReadLabels, readLabels } from './read-labels.ts';

/** Plain values, so that it can be sent to another process. */
export interface Pod extends ReadLabels {
  /** Tells it from pods that had its name, or its addresses, before it. */
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string | undefined;
  /** Canonical. None where it has none yet, or shares those of its node. */
  readonly addresses: readonly string[];
  /** Where it runs; undefined where that is open. */
  readonly node: string | undefined;
  /** Canonical; what connects from them may be anything on that node. */
  readonly nodeAddresses: readonly string[];
  /** Since when its node knows it, in milliseconds since the epoch. */
  readonly startedMs: number;
  readonly isRunning: boolean;
  /** Whether it gets traffic. */
  readonly isReady: boolean;
}

/** A pod as it is now, or the uid of one that is gone. */
export type PodChange = Pod | string;

const MAX_NAME = 253;
const MAX_TIME = 63;
/** Kubernetes gives one of each family. */
const MAX_ADDRESSES = 8;

/** Undefined where it cannot be read. */
export function readPod(value: unknown): PodChange | undefined {
  const { metadata, spec, status } = mapping(value);
  const { uid, name, namespace, labels, creationTimestamp, deletionTimestamp } = mapping(metadata);
  const { phase, startTime, conditions } = mapping(status);
  const startedMs = timeOf(startTime) ?? timeOf(creationTimestamp);
  if (!(isName(uid) && isName(name) && isName(namespace)) || startedMs === undefined) return undefined;
  if (deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed') return uid;
  return {
    uid,
    namespace,
    name,
    startedMs,
    isRunning: phase === 'Running',
    isReady: isReady(conditions),
    ...readLabels(labels),
    ...placeOf(mapping(spec), mapping(status)),
  };
}

function isReady(conditions: unknown): boolean {
  const condition = Array.isArray(conditions) && conditions.map(mapping).find(({ type }) => type === 'Ready');
  return condition !== false && condition?.status === 'True';
}

/** Of a thing that the API server tells of. */
export function uidOf(value: unknown): string | undefined {
  const { uid } = mapping(mapping(value).metadata);
  return isName(uid) ? uid : undefined;
}

function placeOf(
  { serviceAccountName, nodeName, hostNetwork }: Fields,
  { podIP, podIPs, hostIP, hostIPs }: Fields,
): Pick<Pod, 'serviceAccount' | 'node' | 'addresses' | 'nodeAddresses'> {
  const own = addressesOf(podIP, podIPs);
  const node = addressesOf(hostIP, hostIPs);
  const isShared = hostNetwork === true;
  return {
    serviceAccount: isName(serviceAccountName) ? serviceAccountName : undefined,
    node: isName(nodeName) ? nodeName : undefined,
    addresses: isShared ? [] : own,
    nodeAddresses: isShared ? distinct([...node, ...own]) : node,
  };
}

/** Of a single one and the list, which begins with the same one where there is a list. */
function addressesOf(single: unknown, list: unknown): string[] {
  const listed = Array.isArray(list) ? list.slice(0, MAX_ADDRESSES).map((entry) => mapping(entry).ip) : [];
  return distinct(
    [...listed, single].flatMap((text) => (typeof text === 'string' ? (parseIp(text)?.text ?? []) : [])),
  );
}

function timeOf(value: unknown): number | undefined {
  const ms = isText(value, MAX_TIME) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function isName(value: unknown): value is string {
  return isText(value, MAX_NAME) && value !== '';
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
