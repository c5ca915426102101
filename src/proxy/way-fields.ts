/**
 * What a plain request says of its way and of who sent it, by who is to get it: hops of ours everything, since the last of them removes
 * it; origins, and peers of others, only what `forward` of the configuration allows.
 */
import { appendVia, FieldNames, listOf } from '#net/headers.ts';
import { forwardedMember, hideHosts } from '#net/outward-fields.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { Hop } from './next-hops.ts';
import { WRITTEN_HERE } from './outward.ts';
import type { Transaction } from './transaction.ts';

const TO_OURS = new FieldNames(WRITTEN_HERE);

/** Fields of a client's request that do not go to `hop`. */
export function keptFrom({ peer }: Hop, { generation }: Transaction): FieldNames {
  return peer?.options.hop === true ? TO_OURS : generation.outward.without;
}

/** Adds fields of ours that tell `hop` which way the request came, and from whom. */
export function addWay(headers: string[], { tx, request }: ClientExchange, { peer }: Hop): void {
  const { outward } = tx.generation;
  // A peer may lead back here, and a loop is found by nothing else; an origin cannot, as it is asked in a form that no proxy takes.
  if (outward.hasVia || peer !== undefined) {
    const before = listOf(request.rawHeaders, 'via');
    const shown = before === undefined || peer !== undefined ? before : hideHosts(before);
    headers.push('Via', appendVia(shown, { version: request.httpVersion, pseudonym: tx.context.pseudonym }));
  }
  if (outward.tellsClient && peer?.options.hop !== true)
    headers.push('Forwarded', forwardedMember(tx.assertedIp ?? tx.clientAddress.text, tx.context.hop));
}
