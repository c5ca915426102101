/**
 * The idle clock of a plain HTTP exchange, as far as it waits for the client: for the rest of a request that does not come,
 * or for an answer to be read. A next hop that is silent is for its carrier to notice.
 */
import { ProxyError } from '#errors.ts';
import type { ClientExchange, ClientRequest, ClientResponse } from './client-exchange.ts';

type Exchange = Pick<ClientExchange, 'tx' | 'request' | 'response'>;

/** Stops the transaction when its client has been waited for in vain for `timeouts.idle`; late by a quarter of it at most. */
export function watchStall({ tx, request, response }: Exchange): void {
  const { wheel } = tx.context.tools;
  const { idle } = tx.generation.config.timeouts;
  const { leg } = tx.connection;
  let seen = -1;
  let sinceMs = 0;
  const onDeadline = (): void => {
    // Of what is written, only what has left is progress; what waits here shows the contrary.
    const bytes = leg.received + leg.sent - leg.pendingBytes;
    if (bytes !== seen || !isClientAwaited(request, response)) sinceMs = wheel.now();
    seen = bytes;
    if (wheel.now() - sinceMs < idle) tx.deadline.set(idle / 4);
    else tx.abort.abort(stalled(response));
  };
  tx.phase = { onDeadline };
  onDeadline();
}

function isClientAwaited(request: ClientRequest, response: ClientResponse): boolean {
  if (response.headersSent)
    return response.writableNeedDrain || (response.writableEnded && !response.writableFinished);
  // Not flowing: it is the next hop that does not take it.
  return !request.complete && request.readableFlowing === true;
}

function stalled(response: ClientResponse): ProxyError {
  return response.headersSent
    ? new ProxyError('idle_timeout', { detail: 'The client does not read its answer' })
    : new ProxyError('request_timeout', { detail: 'The rest of the request does not come' });
}
