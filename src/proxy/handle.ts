/**
 * The pipeline, one screen: parse, decide, choose a route, connect, relay or forward, record. Every path ends in exactly
 * one `finish()`; what goes wrong before a reply has begun becomes a reply, and afterwards a broken connection.
 */
import type { IncomingMessage } from 'node:http';
import { ProxyError } from '#errors.ts';
import type { Passage } from './admit.ts';
import { answerProbe } from './answer-probe.ts';
import type { ClientExchange } from './client-exchange.ts';
import { connect } from './connect.ts';
import { beginEstablishing, startEstablishClock, timeEstablishing } from './establish-clock.ts';
import { forwardByRule } from './forward-cached.ts';
import { judge } from './judge.ts';
import { openTunnel } from './open-tunnel.ts';
import { putOnTrail } from './put-on-trail.ts';
import { type RequestHead, readHead } from './read-head.ts';
import { recognise } from './recognise.ts';
import { composeOwnAnswer, composeReply, dropRest, replyOnLeg, replyOnResponse } from './reply.ts';
import type { Transaction } from './transaction.ts';
import { withCacheStatus } from './with-cache-status.ts';

/** A CONNECT: what the client gets is a tunnel, or an answer and the end of its connection. */
export async function handleConnect(tx: Transaction, request: RequestHead): Promise<void> {
  const { connection } = tx;
  connection.awaitTunnel(tx.abort);
  try {
    const beginning = begin(tx);
    if (beginning !== undefined) await beginning;
    readHead(tx, request);
    if (answerProbe(tx)) return;
    startEstablishClock(tx);
    const admitted = judge(tx, request.rawHeaders);
    const passage = admitted instanceof Promise ? await admitted : admitted;
    const audited = putOnTrail(tx);
    if (audited !== undefined) await audited;
    openTunnel(tx, passage.permit, await connect(tx, passage, request.rawHeaders));
  } catch (thrown) {
    connection.drop();
    const error = tx.fail(thrown);
    if (connection.isOver) tx.leaveUnanswered();
    else replyOnLeg(tx, composeReply(tx, error, request.rawHeaders));
    tx.bytesFromClient = connection.takeBytes().fromClient;
    tx.finish();
  }
}

/**
 * A plain HTTP request; with `upgrade` one that asks to switch protocols, which its rule must allow. Undefined where it is over at once,
 * as what the cache has is: promises would cost such an answer a tenth of all (docs/adr/0022-cache.md).
 */
export function handleRequest(exchange: ClientExchange): Promise<void> | undefined {
  const { tx } = exchange;
  let answering: Promise<void> | undefined;
  try {
    const beginning = begin(tx);
    answering = beginning === undefined ? answer(exchange) : beginning.then(() => answer(exchange));
  } catch (thrown) {
    answering = Promise.reject(thrown);
  }
  if (answering !== undefined) return conclude(exchange, answering);
  countBytes(tx);
  tx.finish();
  return undefined;
}

async function conclude({ tx, request, response }: ClientExchange, answering: Promise<void>): Promise<void> {
  try {
    await answering;
  } catch (thrown) {
    const error = tx.fail(thrown);
    if (response.destroyed || tx.connection.isOver) tx.leaveUnanswered();
    else
      await replyOnResponse(tx, response, withCacheStatus(tx, composeReply(tx, error, request.rawHeaders)));
  } finally {
    countBytes(tx);
    tx.finish();
  }
}

/** Undefined where it took no time. */
function answer(exchange: ClientExchange): Promise<void> | undefined {
  const { tx, request, response, upgrade } = exchange;
  tx.connection.answering = response;
  readHead(tx, request);
  beginEstablishing(tx);
  tx.upgrade = upgrade;
  const admitted = judge(tx, request.rawHeaders);
  const answering =
    admitted instanceof Promise
      ? admitted.then((passage) => answerAdmitted(exchange, passage))
      : answerAdmitted(exchange, admitted);
  if (answering !== undefined) timeEstablishing(tx);
  return answering;
}

function answerAdmitted(exchange: ClientExchange, passage: Passage): Promise<void> | undefined {
  const { tx, request, response, upgrade } = exchange;
  if (upgrade !== undefined && !passage.permit.rule.upgrade.has(upgrade)) {
    throw new ProxyError('upgrade_not_allowed', { rule: passage.permit.rule.name });
  }
  const own = composeOwnAnswer(tx, request);
  if (own !== undefined) return replyOnResponse(tx, response, own);
  const audited = putOnTrail(tx);
  const forwarding =
    audited === undefined
      ? forwardByRule(exchange, passage)
      : audited.then(() => forwardByRule(exchange, passage));
  return request.complete ? forwarding : thenDropRest(exchange, forwarding);
}

async function thenDropRest({ tx, request }: ClientExchange, forwarding: Promise<void> | undefined) {
  await forwarding;
  if (!request.complete) dropRest(tx, request as IncomingMessage);
}

/** Waits for its turn, and until it is known who asks. At once where neither takes time. @throws {ProxyError} `client_gone` */
function begin(tx: Transaction): Promise<void> | undefined {
  const turn = tx.connection.turnOf(tx);
  return turn === undefined ? recognise(tx) : takeTurn(tx, turn).then(() => recognise(tx));
}

/** Requests of one connection are answered one after the other. @throws {ProxyError} `client_gone` */
async function takeTurn(tx: Transaction, turn: Promise<void>): Promise<void> {
  await turn;
  tx.takeUp();
  tx.abort.check();
  if (tx.connection.isOver)
    throw new ProxyError('client_gone', { detail: 'Sent behind the last request of its connection' });
}

function countBytes(tx: Transaction): void {
  const { fromClient, toClient } = tx.connection.takeBytes();
  tx.bytesFromClient = fromClient;
  tx.bytesToClient = toClient;
}
