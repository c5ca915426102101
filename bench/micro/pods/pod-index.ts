/**
 * `node bench/micro/pods/pod-index.ts [--pods=N]`: whose an address is among so many pods, and what a change of one costs. First proves
 * that an address is its own pod's.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import type { Pod } from '#pods/pod.ts';
import { PodIndex } from '#pods/pod-index.ts';
import { measure } from '../measure.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '50000' },
    json: { type: 'boolean' },
    once: { type: 'boolean' },
  },
});
const PODS = Number(values.pods);

function addressOf(at: number): string {
  return `10.${128 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
}

function podAt(at: number, isRunning: boolean): Pod {
  return {
    uid: `uid-${at}`,
    namespace: `team-${at % 200}`,
    name: `api-${at}`,
    serviceAccount: 'api',
    labels: ['app', 'api', 'pod-template-hash', '7d9c5b6f4', 'team', `team-${at % 200}`, 'tier', 'front'],
    hasAllLabels: true,
    addresses: [addressOf(at)],
    node: `node-${at % 1000}`,
    nodeAddresses: [`10.0.${(at % 1000) >> 8}.${at % 250}`],
    startedMs: 0,
    isRunning,
    isReady: isRunning,
  };
}

const index = new PodIndex();
index.replace(Array.from({ length: PODS }, (_, at) => podAt(at, true)));
const addresses = Array.from({ length: PODS }, (_, at) => addressOf(at));
for (const at of [0, PODS >> 1, PODS - 1]) {
  assert.equal(index.find(addresses[at] as string)?.identity.uid, `uid-${at}`);
}
assert.equal(index.find('192.0.2.1'), undefined);

const changes = Array.from({ length: 1024 }, (_, at) => [podAt(at, true), podAt(at, false)]);
const same = Array.from({ length: 1024 }, (_, at) => podAt(at + 2048, true));
const unknown = Array.from({ length: 1024 }, (_, at) => `192.0.2.${at & 255}${at >> 8}`);

measure(`${PODS} pods`, [
  { name: 'an address of a pod', call: (at) => index.find(addresses[at % PODS] as string) },
  { name: 'an address of nobody', call: (at) => index.find(unknown[at & 1023] as string) === undefined },
  {
    name: 'a pod is told of again',
    call: (at) => {
      index.apply(same[at & 1023] as Pod);
      return true;
    },
  },
  {
    name: 'a pod has changed',
    call: (at) => {
      index.apply(changes[at & 1023]?.[(at >> 10) & 1] as Pod);
      return true;
    },
  },
]);
