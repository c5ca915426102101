/**
 * A tunnel before its ClientHello is judged: the client has its 200, and nothing that it sends leaves before the verdict. What the
 * upstream sends meanwhile waits as well. It ends in a {@link Tunnel}, or in a reset towards both sides and a record.
 */
import type { Permit } from '#acl/permit.ts';
import { ProxyError } from '#errors.ts';
import { ClientHelloReader } from '#net/client-hello.ts';
import type { Leg, Sink } from '#net/leg.ts';
import { DROP } from './client-leg.ts';
import { type Beginning, mayServerSpeakFirst, objectionOfVerify, permitAfter } from './judge-hello.ts';
import type { Phase, Transaction } from './transaction.ts';
import { Tunnel } from './tunnel.ts';
import type { Upstream } from './upstream.ts';

export class HelloHold implements Sink, Phase {
  readonly #tx: Transaction;
  readonly #permit: Permit;
  readonly #client: Leg;
  readonly #upstream: Upstream;
  readonly #reader = new ClientHelloReader();
  /** It is known how the client began. */
  #isHeard = false;
  #isOver = false;

  constructor(tx: Transaction, permit: Permit, upstream: Upstream) {
    this.#tx = tx;
    this.#permit = permit;
    this.#client = tx.connection.leg;
    this.#upstream = upstream;
  }

  /** Holds both sides from now on. */
  begin(): void {
    const tx = this.#tx;
    tx.phase = this;
    tx.deadline.set(tx.generation.config.timeouts.hello);
    tx.abort.listen((reason) => this.#end(reason));
    const early = this.#client.takeHeld();
    if (early !== undefined) this.onChunk(this.#client, early);
    if (this.#upstream.leg.heldBytes > 0) this.#upstreamSpoke();
    for (const leg of [this.#client, this.#upstream.leg]) {
      if (!this.#isOver) leg.attach(this);
      if (!this.#isOver && !this.#isHeard) leg.resume();
    }
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    leg.hold(chunk);
    if (leg !== this.#client) {
      this.#upstreamSpoke();
      return false;
    }
    if (this.#isHeard) return false;
    const result = this.#reader.push(chunk);
    if (result.kind !== 'more') this.#hear(result);
    return result.kind === 'more';
  }

  /** An upstream may end its side before the client has said a word; the tunnel passes that on. */
  onEnd(leg: Leg): void {
    if (leg !== this.#client) return;
    if (this.#reader.hasBegun) this.#hear({ kind: 'ended' });
    else this.#end(new ProxyError('client_gone', { detail: 'The client left before its ClientHello' }));
  }

  onClose(leg: Leg, cause: Error | undefined): void {
    const [reason, who] =
      leg === this.#client
        ? (['client_gone', 'client'] as const)
        : (['connection_terminated', 'upstream'] as const);
    this.#end(new ProxyError(reason, { detail: `Broken by the ${who} before the ClientHello`, cause }));
  }

  onDeadline(): void {
    if (!this.#isHeard) this.#hear({ kind: 'silent' });
    else
      this.#end(
        this.#tx.claim?.overdue ?? new ProxyError('saturated', { detail: 'A limit was not told in time' }),
      );
  }

  #upstreamSpoke(): void {
    if (!this.#reader.hasBegun && mayServerSpeakFirst(this.#tx.port)) this.#hear({ kind: 'server-first' });
  }

  /** The first word counts. Acted upon when the leg that brought it is done with its read. */
  #hear(beginning: Beginning): void {
    if (this.#isHeard || this.#isOver) return;
    this.#isHeard = true;
    // Where a limit has to be asked, it has as long again.
    this.#tx.deadline.set(this.#tx.generation.config.timeouts.hello);
    void this.#settle(beginning);
  }

  async #settle(beginning: Beginning): Promise<void> {
    const tx = this.#tx;
    try {
      await undefined;
      const permit = await permitAfter(tx, this.#permit, beginning);
      // It has ended while a limit was asked.
      if (this.#isOver) return;
      tx.abort.check();
      const fault = permit.rule.sni === 'verify' ? objectionOfVerify(tx, beginning) : undefined;
      if (fault === undefined) this.#open();
      else this.#end(fault);
    } catch (error) {
      this.#end(error);
    }
  }

  #open(): void {
    new Tunnel(this.#tx, this.#client, this.#upstream).start();
    this.#isOver = true;
  }

  #end(thrown: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const tx = this.#tx;
    tx.abort.listen(undefined);
    const { reason } = tx.fail(thrown);
    tx.closedBy = CLOSED_BY[reason] ?? 'proxy';
    for (const leg of [this.#client, this.#upstream.leg]) {
      leg.attach(DROP);
      leg.reset();
    }
    this.#upstream.release();
    const { fromClient, toClient } = tx.connection.takeBytes();
    tx.bytesFromClient = fromClient;
    tx.bytesToClient = toClient;
    tx.finish();
  }
}

/** By the reason that it ends for; where there is none, we do. */
const CLOSED_BY: Readonly<Record<string, 'client' | 'upstream'>> = {
  client_gone: 'client',
  connection_terminated: 'upstream',
};
