/**
 * One look at a peer, over a connection of its own. A Weir of ours is asked by a real CONNECT for a name that it answers itself, so
 * that the look takes the way that traffic takes, credentials included, and nothing beyond the peer. Of another proxy only the
 * connection is tried: it would look the name up and log a failure each time.
 */
import { ProxyError, REASONS } from '#errors.ts';
import { connectHead, credentialsFor } from './connect-head.ts';
import { type ConnectReply, readConnectReply } from './connect-reply.ts';
import { dialPeer, type PeerDial } from './dial-peer.ts';
import { PeerRefusal } from './refusal.ts';
import { GONE, type PeerSight } from './sight.ts';

/** A name that leads nowhere (RFC 6761 section 6.4): a proxy that does not know it reaches nobody by it. */
export const PROBE_HOST = 'probe.weir.invalid';

/** What came of one look, and the fault where it was the peer's own. */
export interface Look {
  readonly sight: Partial<PeerSight>;
  readonly fault: ProxyError | undefined;
}

/** Looks whether the peer is there; `via` is our member of Via. @throws {ProxyError} a fault of ours, or the reason of the abort */
export async function lookAt(dial: PeerDial, via: string): Promise<Look> {
  if (!dial.options.hop) return await seen(dial, () => connectOnly(dial), { reachable: true });
  const head = connectHead(`${PROBE_HOST}:443`, via, credentialsFor(dial.options));
  return await seen(dial, () => ask(dial, head), { reachable: true, authorised: true });
}

/** Looks whether its canary can be reached through the peer. @throws {ProxyError} as {@link lookAt} */
export async function lookThrough(dial: PeerDial, target: string, via: string): Promise<Look> {
  const head = connectHead(target, via, credentialsFor(dial.options));
  const look = await seen(dial, () => ask(dial, head), { reachable: true, authorised: true, egress: true });
  return look.sight.egress === true ? look : { ...look, sight: { ...look.sight, egress: false } };
}

/** @param whole what is known when all goes well */
async function seen(dial: PeerDial, look: () => Promise<void>, whole: Partial<PeerSight>): Promise<Look> {
  try {
    await look();
    return { sight: whole, fault: undefined };
  } catch (thrown) {
    const error = ProxyError.from(thrown);
    if (dial.abort.reason !== undefined && REASONS[dial.abort.reason.reason].source !== 'peer') throw error;
    if (error instanceof PeerRefusal) return refusedBy(error);
    if (!REASONS[error.reason].retryable) throw error;
    return { sight: GONE, fault: error };
  }
}

/** It answered, whatever it said; only what is its own fault counts against it. */
function refusedBy(refusal: PeerRefusal): Look {
  const { reason } = refusal;
  const fault = REASONS[reason].retryable ? refusal : undefined;
  if (reason === 'peer_faulty') return { sight: { reachable: true }, fault };
  return { sight: { reachable: true, authorised: reason === 'peer_failed' }, fault };
}

function connectOnly(dial: PeerDial): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDialled = (leg: { destroy(): void }): void => {
      leg.destroy();
      resolve();
    };
    dialPeer(dial, { onDialled, onFault: reject });
  });
}

/** One CONNECT, and no tunnel behind it. @throws {PeerRefusal} where the answer is no 2xx */
function ask(dial: PeerDial, head: string): Promise<void> {
  const { options, abort } = dial;
  return new Promise((resolve, reject) => {
    const onReply = (reply: ConnectReply): void => {
      if (reply.status < 300) resolve();
      else reject(new PeerRefusal(options, reply));
    };
    dialPeer(dial, {
      onFault: reject,
      onDialled(leg) {
        leg.writeText(head);
        const over = <T>(tell: (value: T) => void) => {
          return (value: T): void => {
            leg.destroy();
            tell(value);
          };
        };
        readConnectReply(leg, abort, { onReply: over(onReply), onFault: over(reject) });
      },
    });
  });
}
