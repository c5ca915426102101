/** What asking a peer takes of the process and of a generation. */
import type { PeerTools } from '#peer/dial-peer.ts';
import type { ProxyContext } from './context.ts';
import type { Generation } from './generation.ts';
import type { Transaction } from './transaction.ts';

/** What peers need, from the transaction's own generation. */
export function peerTools(tx: Transaction): PeerTools {
  const { generation, context } = tx;
  const { resolver } = generation;
  return toolsOf(
    generation,
    context,
    (host) => resolver.known(host) ?? tx.abort.race(resolver.resolve(host)),
  );
}

/** The same of the generation in force, for who looks at peers. */
export function generationTools(context: ProxyContext): PeerTools {
  const { generation } = context;
  const { resolver } = generation;
  return toolsOf(generation, context, (host) => resolver.known(host) ?? resolver.resolve(host));
}

function toolsOf(
  { config, guard }: Generation,
  { tools }: ProxyContext,
  resolve: PeerTools['resolve'],
): PeerTools {
  return { ...tools, resolve, connectTimeoutMs: config.timeouts.connect, ownPorts: guard.ownPorts };
}
