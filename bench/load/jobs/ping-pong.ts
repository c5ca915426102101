/** One tunnel of the kind that is counted: opened, 64 bytes there and back, closed. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Path } from '../job.ts';
import { connect } from '../wire.ts';

const PING_BYTES = 64;

/** Room for what {@link pingPong} reads; one for each that runs at a time. */
export const pingBuffer = (): Buffer => Buffer.allocUnsafe(1024);

/** Milliseconds from the start. */
export interface Times {
  /** Until the way to the target was open. */
  readonly openMs: number;
  /** Until the last byte of the echo. */
  readonly echoMs: number;
}

/**
 * Resolves when the tunnel is closed.
 * @throws on a refusal, a wrong byte, and a close before the echo was complete
 */
export async function pingPong({ target, via }: Path, buffer: Buffer): Promise<Times> {
  const ping = randomBytes(PING_BYTES);
  const start = performance.now();
  let received = 0;
  let openMs = 0;
  let echoMs = 0;
  await connect({
    target,
    via,
    buffer,
    onOpen: (socket) => {
      openMs = performance.now() - start;
      socket.write(ping);
    },
    onBytes: (bytes, socket) => {
      assert.ok(bytes.equals(ping.subarray(received, received + bytes.length)), 'The echo differs');
      received += bytes.length;
      if (received < PING_BYTES) return;
      echoMs = performance.now() - start;
      socket.end();
    },
  });
  assert.equal(received, PING_BYTES, 'The connection closed before the echo was complete');
  return { openMs, echoMs };
}
