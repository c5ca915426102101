/** What asking a peer takes of the process and of a generation. */
import type { PeerTools } from '#peer/dial-peer.ts';
import type { ProxyContext } from './context.ts';
import type { Transaction } from './transaction.ts';

/** What peers need, from the transaction's own generation. */
export function peerTools(tx: Transaction): PeerTools {
  const { generation, context } = tx;
  return {
    ...context.tools,
    resolve: (host) => generation.resolver.known(host) ?? tx.abort.race(generation.resolver.resolve(host)),
    connectTimeoutMs: generation.config.timeouts.connect,
    ownPorts: generation.guard.ownPorts,
  };
}

/** The same of the generation in force, for who looks at peers. */
export function generationTools({ generation, tools }: ProxyContext): PeerTools {
  return {
    ...tools,
    resolve: (host) => generation.resolver.known(host) ?? generation.resolver.resolve(host),
    connectTimeoutMs: generation.config.timeouts.connect,
    ownPorts: generation.guard.ownPorts,
  };
}
