/**
 * From what a connection sends to transactions: which requests become one, which are too many or too late, and what a head
 * that never came to be is told.
 */
import { ProxyError } from '#errors.ts';
import { type Connection, type Incoming, MAX_PIPELINED } from './connection.ts';
import type { ProxyContext } from './context.ts';
import { composeReply, replyOnLeg } from './reply.ts';
import { Transaction } from './transaction.ts';

export class Intake {
  readonly context: ProxyContext;
  /** What comes now would be recorded nowhere. */
  #hasEnded = false;

  constructor(context: ProxyContext) {
    this.context = context;
  }

  /**
   * A request has been read; undefined where it is dropped, and with it its connection. Dropped is what comes behind the last
   * answer (RFC 9112 section 9.6).
   */
  begin(connection: Connection, request: Incoming): Transaction | undefined {
    if (connection.isOver) return undefined;
    if (this.#hasEnded) {
      connection.leg.destroy();
      return undefined;
    }
    if (connection.active >= MAX_PIPELINED) {
      this.#cutOff(connection);
      return undefined;
    }
    connection.requestBegan(request);
    return new Transaction(this.context, connection);
  }

  /** A request that never came to be still gets an answer, in its turn, and a record. */
  async refuse(connection: Connection, error: ProxyError): Promise<void> {
    const tx = new Transaction(this.context, connection);
    await connection.turnOf(tx);
    tx.bytesFromClient = connection.takeBytes().fromClient;
    if (connection.isOver) {
      tx.fail(new ProxyError('client_gone', { cause: error }));
      tx.leaveUnanswered();
    } else {
      tx.fail(error);
      replyOnLeg(tx, composeReply(tx, error));
    }
    tx.finish();
  }

  /** One record for a request that came to nothing. */
  recordUnanswered(connection: Connection, error: ProxyError): void {
    const tx = new Transaction(this.context, connection);
    tx.fail(error);
    tx.leaveUnanswered();
    tx.bytesFromClient = connection.takeBytes().fromClient;
    tx.finish();
  }

  /** One record for a connection that is closed for what it began with. */
  recordClosed(connection: Connection, error: ProxyError): void {
    const tx = new Transaction(this.context, connection);
    tx.fail(error);
    tx.closedBy = 'proxy';
    tx.bytesFromClient = connection.leg.received;
    tx.finish();
  }

  /** No transaction is waited for any more. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Ends a connection that asks for more than it may; Node would go on to read and to keep what it sends. */
  #cutOff(connection: Connection): void {
    connection.abortAll(new ProxyError('pipelining_exceeded'));
    connection.leg.reset();
    this.recordUnanswered(connection, new ProxyError('pipelining_exceeded'));
  }
}
