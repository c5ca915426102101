/**
 * Looks at a tunnel's ClientHello while it passes, for the record (`sni: log`). Nothing waits for it: each chunk is looked at and
 * passed on, and with the last of the hello the relay has its leg for itself again.
 */
import { ClientHelloReader, type HelloResult } from '#net/client-hello.ts';
import type { Leg, Sink } from '#net/leg.ts';
import { noteHello } from './judge-hello.ts';
import type { Transaction } from './transaction.ts';

export class HelloWatch implements Sink {
  readonly #tx: Transaction;
  readonly #relay: Required<Sink>;
  readonly #reader = new ClientHelloReader();
  #isOver = false;

  constructor(tx: Transaction, relay: Required<Sink>) {
    this.#tx = tx;
    this.#relay = relay;
  }

  /** Sees what `client` sent ahead, before the relay takes it. */
  lookAhead(client: Leg): void {
    const held = client.takeHeld();
    if (held === undefined) return;
    this.#look(held);
    client.hold(held);
  }

  /** Takes the place of the relay, which has begun, at its leg. */
  attachTo(client: Leg): void {
    if (!this.#isOver && !client.ended && !client.closed) client.attach(this);
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    this.#look(chunk);
    if (this.#isOver) leg.attach(this.#relay);
    return this.#relay.onChunk(leg, chunk);
  }

  onEnd(leg: Leg): void {
    this.#relay.onEnd(leg);
  }

  onDrain(leg: Leg): void {
    this.#relay.onDrain(leg);
  }

  onClose(leg: Leg, error: Error | undefined): void {
    this.#relay.onClose(leg, error);
  }

  #look(bytes: Buffer): void {
    const result: HelloResult = this.#reader.push(bytes);
    if (result.kind === 'more') return;
    this.#isOver = true;
    noteHello(this.#tx, result);
  }
}
