/** Makes a way of processes of our own: they end with it, and those already started end where a later one does not start. */
import { HOST, type Way } from './subject.ts';

/** A process that takes connections. */
export interface Tier {
  readonly pid: number;
  readonly port: number;
}

/** What `start` starts, the client's next hop first; it gives everything that has to end to its argument. */
export async function ownWay(
  host: string,
  start: (owner: AsyncDisposableStack) => Promise<readonly [Tier, ...Tier[]]>,
): Promise<Way> {
  await using owner = new AsyncDisposableStack();
  const tiers = await start(owner);
  const kept = owner.move();
  return {
    via: { host: HOST, port: tiers[0].port },
    host,
    pids: tiers.map(({ pid }) => pid),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
