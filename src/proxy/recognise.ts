/** Who runs a client, by its address: a table of the configuration, or else the pods that are known. A pod may be quicker than the news of it. */
import type { Identity } from '#match/subject.ts';
import type { Transaction } from './transaction.ts';

/**
 * Takes in who the client's address tells. At once, but where that may become known in a moment.
 * @throws {ProxyError} `client_gone`
 */
export function recognise(tx: Transaction): Promise<void> | undefined {
  tx.identity = identityByAddress(tx);
  const { pods } = tx.generation;
  if (pods === undefined || tx.identity !== undefined) return undefined;
  const known = pods.untilKnown(tx.clientAddress);
  return known && recogniseLater(tx, known);
}

async function recogniseLater(tx: Transaction, known: Promise<void>): Promise<void> {
  await tx.abort.race(known);
  tx.takeUp();
  tx.identity = identityByAddress(tx);
}

/** What the operator has written counts more than what the cluster says: it holds at every moment, whoever gets an address there. */
function identityByAddress({ generation, clientAddress }: Transaction): Identity | undefined {
  return generation.clients?.identityOf(clientAddress) ?? generation.pods?.identityOf(clientAddress);
}

/**
 * Whom the address of an open tunnel tells now. A pod is itself, with the labels that it has now, or where it is gone as it was when the
 * tunnel was opened; never the one that has its address now.
 */
export function recogniseAgain({
  generation,
  clientAddress,
  identity,
  isFromHop,
}: Transaction): Identity | undefined {
  const listed = generation.clients?.identityOf(clientAddress);
  if (listed !== undefined || generation.pods === undefined) return listed;
  // Without a uid it was nobody's, and with one of a hop's saying another cluster's.
  if (identity?.uid === undefined || isFromHop) return undefined;
  const now = generation.pods.identityOf(clientAddress);
  return now?.uid === identity.uid ? now : identity;
}
