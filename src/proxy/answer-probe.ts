/**
 * The second tier's side of a look at a peer (peer/probe.ts): a hop of ours asks whether we are here, and is answered here. It is
 * no transaction, has no record and reaches nothing. From anybody else the name is one like any other.
 */
import { ProxyError } from '#errors.ts';
import { PROBE_HOST } from '#peer/probe.ts';
import { probedHead } from './reply.ts';
import type { Transaction } from './transaction.ts';

/** Answers where it is one. @returns whether it was @throws {ProxyError} `draining` */
export function answerProbe(tx: Transaction): boolean {
  if (!tx.isFromHop || tx.host.text !== PROBE_HOST) return false;
  tx.isProbe = true;
  // Before the end, so that the others are asked in time.
  if (tx.context.drain.isClosing) throw new ProxyError('draining');
  const { leg } = tx.connection;
  tx.connection.drop();
  tx.status = 200;
  leg.writeText(probedHead(tx));
  leg.destroySoon();
  tx.finish();
  return true;
}
