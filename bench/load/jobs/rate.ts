/**
 * Tunnels that begin at a fixed rate, whatever became of those before, so that a slow answer does not put off the next question
 * (no coordinated omission). A start that the generator itself was late with is measured from when it really began: Node's
 * timers are a millisecond coarse, which is more than a tunnel takes.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RateJob, Told } from '../job.ts';
import { Latencies } from '../latencies.ts';
import { pingBuffer, pingPong } from './ping-pong.ts';

/** A generator that starts later than this has offered another rate than it was asked for. */
const MAX_LATE_MS = 250;

export async function rate(job: RateJob): Promise<Told> {
  const latencies = new Latencies();
  const running: Promise<void>[] = [];
  const start = performance.now();
  let latestMs = 0;
  for (let index = 0; index < job.count; index += 1) {
    const dueMs = start + (1000 * index) / job.perSecond - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    else latestMs = Math.max(latestMs, -dueMs);
    running.push(pingPong(job, pingBuffer()).then(({ echoMs }) => latencies.record(echoMs)));
  }
  await Promise.all(running);
  assert.ok(latestMs < MAX_LATE_MS, `The generator was ${latestMs.toFixed(0)} ms late with a start`);
  return { latency: latencies.told() };
}
