/**
 * The pipeline, one screen: parse, decide, choose a route, connect, relay or forward, record. Every path ends in exactly
 * one `finish()`; what goes wrong before a reply has begun becomes a reply, and afterwards a broken connection.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ProxyError, type Reason } from '#errors.ts';
import { listOf } from '#net/headers.ts';
import { admit } from './admit.ts';
import type { ClientExchange } from './client-exchange.ts';
import { connect } from './connect.ts';
import { forward } from './forward.ts';
import { openTunnel } from './open-tunnel.ts';
import { readHead, refuseBody } from './read-head.ts';
import { composeOwnAnswer, composeReply, dropRest, replyOnResponse, replyOnSocket } from './reply.ts';
import type { Transaction } from './transaction.ts';

/** A CONNECT: what the client gets is a tunnel, or an answer and the end of its connection. */
export async function handleConnect(tx: Transaction, request: IncomingMessage, head: Buffer): Promise<void> {
  const { socket } = request;
  const unwatch = watchClient(tx, socket);
  try {
    await turnOf(tx);
    readHead(tx, request);
    refuseBody(request);
    startEstablishClock(tx);
    const passage = await admit(tx, listOf(request.rawHeaders, 'via'));
    const upstream = await connect(tx, passage, request.rawHeaders);
    unwatch();
    openTunnel({ tx, socket, upstream }, head);
  } catch (thrown) {
    unwatch();
    const error = tx.fail(thrown);
    if (tx.connection.isOver) tx.leaveUnanswered();
    else replyOnSocket(tx, socket, composeReply(tx, error, request.rawHeaders));
    tx.bytesFromClient = tx.connection.takeBytes().fromClient;
    tx.finish();
  }
}

/** A plain HTTP request; with `upgrade` one that asks to switch protocols, which its rule must allow. */
export async function handleRequest(exchange: ClientExchange): Promise<void> {
  const { tx, request, response, upgrade } = exchange;
  const unwatch = watchClient(tx, response);
  try {
    await turnOf(tx);
    tx.connection.answering = response;
    readHead(tx, request);
    startEstablishClock(tx);
    const passage = await admit(tx, listOf(request.rawHeaders, 'via'));
    if (upgrade !== undefined && !passage.permit.rule.upgrade.has(upgrade)) {
      throw new ProxyError('upgrade_not_allowed', { rule: passage.permit.rule.name });
    }
    const own = composeOwnAnswer(tx, request);
    if (own !== undefined) {
      await replyOnResponse(tx, response, own);
      return;
    }
    await forward(exchange, passage);
    if (!request.complete) dropRest(tx, request);
  } catch (thrown) {
    const error = tx.fail(thrown);
    if (response.destroyed || tx.connection.isOver) tx.leaveUnanswered();
    else await replyOnResponse(tx, response, composeReply(tx, error, request.rawHeaders));
  } finally {
    unwatch();
    countBytes(tx);
    tx.finish();
  }
}

/** Requests of one connection are answered one after the other. @throws {ProxyError} `client_gone` */
async function turnOf(tx: Transaction): Promise<void> {
  const turn = tx.connection.turnOf(tx);
  if (turn === undefined) return;
  await turn;
  tx.takeUp();
  tx.abort.check();
  if (tx.connection.isOver)
    throw new ProxyError('client_gone', { detail: 'Sent behind the last request of its connection' });
}

/** Everything up to an answer has this long; the reason names who was waited for. */
function startEstablishClock(tx: Transaction): void {
  tx.onDeadline = () => {
    tx.abort.abort(new ProxyError(awaited(tx), { detail: 'Time to establish is over' }));
  };
  tx.deadline.set(tx.generation.config.timeouts.establish);
}

/** What has not come in time. */
function awaited(tx: Transaction): Reason {
  if (tx.peer !== undefined) return 'peer_timeout';
  return tx.upstreamIp === undefined ? 'dns_timeout' : 'connection_timeout';
}

/** Stops the transaction when its client leaves. @returns stops watching */
function watchClient(tx: Transaction, client: Socket | ServerResponse): () => void {
  const onError = (): void => {};
  const onClose = (): void => {
    // A response also closes when it is whole.
    if (!('writableFinished' in client && client.writableFinished))
      tx.abort.abort(new ProxyError('client_gone'));
  };
  client.on('error', onError);
  client.on('close', onClose);
  return () => {
    client.off('close', onClose);
    client.off('error', onError);
  };
}

function countBytes(tx: Transaction): void {
  const { fromClient, toClient } = tx.connection.takeBytes();
  tx.bytesFromClient = fromClient;
  tx.bytesToClient = toClient;
}
