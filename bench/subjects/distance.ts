/** How far tier 2 is from tier 1: next to it, or behind a relay of ours that takes its time. */
import { join } from 'node:path';
import { Program } from '../harness/program.ts';
import type { Tier } from './own-way.ts';
import type { Setting } from './subject.ts';

const RELAY = join(import.meta.dirname, '../load/distance.ts');

/** The port by which tier 1 reaches `last` over the distance that is asked for. The relay ends with `owner` and costs nobody anything. */
export async function portOver(
  owner: AsyncDisposableStack,
  last: Tier,
  { roundTripMs }: Setting,
): Promise<number> {
  if (roundTripMs === undefined) return last.port;
  const [relay, port] = await Program.fork<number>(RELAY, [`${last.port}`, `${roundTripMs}`]);
  owner.use(relay);
  return port;
}
