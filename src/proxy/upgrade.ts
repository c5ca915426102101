/** A connection that has switched protocols (RFC 9110 section 7.8): from the 101 on it is a tunnel like any other. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProxyError } from '#errors.ts';
import { appendVia, endToEnd, FieldNames, linesOf, listOf, type RawHeaders, tokensOf } from '#net/headers.ts';
import type { Switched } from '#net/http-exchange.ts';
import { type Leg, NOBODY } from '#net/leg.ts';
import { hasTooManyFields } from '#net/limits.ts';
import { bufferedBy } from '#net/tcp-handle.ts';
import { adopt } from './adopt.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { Transaction } from './transaction.ts';
import { Tunnel } from './tunnel.ts';

/** Via is written here, and a 101 has no length (RFC 9110 section 8.6). */
const REPLACED = new FieldNames(['via', 'content-length']);

/**
 * Answers the client with the 101 and relays; resolves when the tunnel is over.
 * @throws {ProxyError} `upgrade_failed` where the next hop switched to something else than it was asked for;
 *   `response_malformed` where it was not asked at all
 */
export function openUpgraded(parts: ClientExchange, switched: Switched): Promise<void> {
  const { tx, request, response } = parts;
  const { connection } = tx;
  const { promise, resolve } = Promise.withResolvers<void>();
  const upstream = upstreamOf(parts, switched);
  (response as ServerResponse).detachSocket((request as IncomingMessage).socket);
  holdEarly(parts);
  connection.becomeTunnel();
  tx.status = 101;
  connection.leg.writeText(switchingHead(tx, switched));
  const nextHop = tx.upstreamIp ?? '';
  new Tunnel(tx, connection.leg, {
    leg: upstream,
    nextHop,
    proxyStatus: undefined,
    release: resolve,
  }).start();
  return promise;
}

function upstreamOf({ tx, upgrade }: ClientExchange, { socket, headers, head }: Switched): Leg {
  try {
    refuseSwitch(headers, upgrade);
    tx.abort.check();
    if (tx.connection.isOver) throw new ProxyError('client_gone');
    return adopt(tx, socket, head);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A 101 must be for what was asked, and within what is read of any head. */
function refuseSwitch(headers: RawHeaders, upgrade: string | undefined): void {
  const protocols = tokensOf(headers, 'upgrade').join();
  if (upgrade === undefined || protocols !== upgrade) {
    const reason = upgrade === undefined ? 'response_malformed' : 'upgrade_failed';
    throw new ProxyError(reason, { detail: `Asked for "${upgrade ?? ''}", and got 101 for "${protocols}"` });
  }
  if (hasTooManyFields(headers))
    throw new ProxyError('response_malformed', { detail: 'Too many header fields' });
}

/** What the client sent behind its request belongs to the tunnel: `head`, and what Node has read since. */
function holdEarly({ tx, request, head }: ClientExchange): void {
  const { leg } = tx.connection;
  leg.attach(NOBODY);
  const read = bufferedBy((request as IncomingMessage).socket);
  for (const bytes of [head, read]) if (bytes !== undefined && bytes.length > 0) leg.hold(bytes);
}

function switchingHead(tx: Transaction, { phrase, headers }: Switched): string {
  const via = appendVia(listOf(headers, 'via'), { version: '1.1', pseudonym: tx.context.pseudonym });
  const upgrade = listOf(headers, 'upgrade') ?? '';
  const fields = ['Connection', 'Upgrade', 'Upgrade', upgrade, ...endToEnd(headers, REPLACED), 'Via', via];
  return `HTTP/1.1 101 ${phrase}\r\n${linesOf(fields)}\r\n`;
}
