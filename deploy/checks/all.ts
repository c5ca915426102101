/** Every check of `deploy/verify`, in the order that a request goes. */
import type { World } from '../lib/step.ts';
import { type Check, once, type Scene } from './check.ts';
import { diagnosesOf } from './diagnoses.ts';
import { noWayAround, noWayAroundOnNode } from './no-way-around.ts';
import { readPods } from './pods.ts';
import { scraped } from './scraped.ts';
import { tier1Checks } from './tier-1.ts';
import { tier2Checks } from './tier-2.ts';
import { wayThroughChecks } from './way-through.ts';

export function allChecks(world: World): readonly Check[] {
  return [
    ...tier1Checks,
    ...tier2Checks,
    ...wayThroughChecks(world),
    noWayAround(),
    noWayAroundOnNode,
    scraped,
  ];
}

export function sceneOf(world: World): Scene {
  return { world, pods: once(() => readPods(world)), diagnoses: diagnosesOf(world) };
}
