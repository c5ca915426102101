/**
 * Tunnels through tiers that are far from each other, one after another: how often a client waits for the whole way. What is
 * spent at both ends is little beside it, so that time tells of round trips, which test/flow/round-trips.ts counts.
 */
import assert from 'node:assert/strict';
import type { Readings } from '../harness/reading.ts';
import type { Job } from '../load/job.ts';
import { tunnelsJob } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import { pathTo, type Turn, type Workload } from './workload.ts';

const ROUND_TRIP_MS = 20;
const PROOF = 5;
/** Times come out of a histogram of three digits. */
const ALMOST = 0.99;
/** Sixteen at a time. */
const WARM_UP_TUNNELS = 100;

/** One after another: what is opened ahead is there again before the next. */
function job(turn: Turn, count: number): Job {
  return { kind: 'tunnels', ...pathTo('echo', turn), count, parallel: 1 };
}

async function readingsOf(turn: Turn, count: number): Promise<Readings> {
  const { opening, latency } = await turn.stage.run(job(turn, count));
  const [opened, echoed] = [opening?.p50, latency?.p50];
  assert.ok(
    opened !== undefined && echoed !== undefined,
    'The generator does not tell how long tunnels took',
  );
  const tripsIn = (seconds: number): number => (1000 * seconds) / ROUND_TRIP_MS;
  return { opened, echoed, openedTrips: tripsIn(opened), echoedTrips: tripsIn(echoed) };
}

export function distance({ distantTunnels: count, warmUps }: Sizes): Workload {
  return {
    name: 'distance',
    title: `Tunnel set-up, tiers ${ROUND_TRIP_MS} ms apart`,
    unit: 'tunnel',
    story: [
      `between the tiers is a relay of ours that holds what passes for ${ROUND_TRIP_MS / 2} ms in each direction, and lets the handshake of TCP take a round trip as well`,
      `the origin is next to tier 2, the client next to tier 1`,
      'Weir has `standby: 8` for each of its two peers, as in `examples/t1.yaml`, where its name does not say otherwise',
      `${count} tunnels in each round, one after another, each from the client's \`connect\` to tier 1 until its 200, and until 64 bytes have come back, which is one round trip more`,
      `the median tunnel of each round; round trips are its time divided by ${ROUND_TRIP_MS} ms`,
    ].join('; '),
    subjects: [
      'weir-two-tier',
      'weir-cold-two-tier',
      'weir-tls-two-tier',
      'weir-tls-cold-two-tier',
      'squid-two-tier',
      'squid-tls-two-tier',
    ],
    lifetime: 'workload',
    roundTripMs: ROUND_TRIP_MS,
    prove: async (turn) => {
      const { openedTrips = 0, echoedTrips = 0 } = await readingsOf(turn, PROOF);
      const least = Math.min(openedTrips, echoedTrips - openedTrips);
      assert.ok(least >= ALMOST, 'The tunnel does not go the long way');
    },
    warmUp: async (turn) => {
      for (let done = 0; done < warmUps; done += 1) await turn.stage.run(tunnelsJob(turn, WARM_UP_TUNNELS));
    },
    round: async (turn) => [{ readings: await readingsOf(turn, count) }],
  };
}
