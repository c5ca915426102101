/** The wait until a program listens that does not say so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isReachable } from '../../scripts/lib/ports.ts';
import type { Program } from './program.ts';

/** A list of a million domains takes its time. */
const START_TIMEOUT_MS = 60_000;

/** @throws when `program` ends or the port stays closed */
export async function untilReachable(port: number, program: Program): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isReachable(port))) {
    if (program.hasEnded) throw new Error(`Cannot start the proxy: it ended\n${program.lastWords}`);
    if (performance.now() > deadline) {
      throw new Error(`Cannot start the proxy: it does not listen\n${program.lastWords}`);
    }
    await sleep(20);
  }
}
