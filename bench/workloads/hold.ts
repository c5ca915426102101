/** Keeps tunnels open and idle beside what is measured. */
import { pathTo, type Turn } from './workload.ts';

/** Has exactly `count` idle tunnels open on the way of `turn`. */
export async function hold(turn: Turn, count: number): Promise<void> {
  await turn.stage.run({ kind: 'hold', ...pathTo('echo', turn), count });
}
