/** A connection between a worker and a supervisor that did not start it: messages both ways, until one of them is gone. */
import type { Socket } from 'node:net';
import { FrameFault, Frames, frameOf } from './frames.ts';

/** Of what the other side does not take, which then hangs. */
const MAX_QUEUED_BYTES = 256 * 1024 * 1024;

export interface UnixLineEvents {
  readonly onMessage: (message: unknown) => void;
  /** Told once; nothing comes after it. */
  readonly onClosed: () => void;
}

export class UnixLine {
  readonly #socket: Socket;
  readonly #frames = new Frames();
  readonly #events: UnixLineEvents;
  readonly #maxQueuedBytes: number;

  /** Takes over a socket that is connected. */
  constructor(socket: Socket, events: UnixLineEvents, maxQueuedBytes = MAX_QUEUED_BYTES) {
    this.#socket = socket;
    this.#maxQueuedBytes = maxQueuedBytes;
    this.#events = events;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    // Its close follows.
    socket.on('error', () => {});
    socket.once('close', events.onClosed);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** Resolves when it is with the kernel, or the line is closed. Never rejects. */
  send(message: unknown): Promise<void> {
    const frame = this.#frameOf(message);
    if (frame === undefined || !this.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.write(frame, () => resolve());
    });
  }

  /** Undefined: it cannot be sent, and neither can what follows. */
  #frameOf(message: unknown): Buffer | undefined {
    try {
      if (this.#socket.writableLength <= this.#maxQueuedBytes) return frameOf(message);
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
    }
    this.#socket.destroy();
    return undefined;
  }

  /** Ends it once what was sent is out. */
  close(): void {
    this.#socket.destroySoon();
  }

  #take(chunk: Buffer): void {
    try {
      for (const message of this.#frames.take(chunk)) this.#events.onMessage(wholeOf(message));
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      this.#socket.destroy();
    }
  }
}

/** @throws {FrameFault} where it is nothing that either side says */
function wholeOf(message: unknown): object {
  if (typeof message === 'object' && message !== null) return message;
  throw new FrameFault('What has come is no message');
}
