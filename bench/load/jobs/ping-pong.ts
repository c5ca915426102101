/** One tunnel of the kind that is counted: opened, 64 bytes there and back, closed. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Path } from '../job.ts';
import { connect } from '../wire.ts';

const PING_BYTES = 64;

/** Room for what {@link pingPong} reads; one for each that runs at a time. */
export const pingBuffer = (): Buffer => Buffer.allocUnsafe(1024);

/**
 * Resolves when the tunnel is closed. @returns milliseconds from the start to the last byte of the echo
 * @throws on a refusal, a wrong byte, and a close before the echo was complete
 */
export async function pingPong({ target, via }: Path, buffer: Buffer): Promise<number> {
  const ping = randomBytes(PING_BYTES);
  const start = performance.now();
  let received = 0;
  let tookMs = 0;
  await connect({
    target,
    via,
    buffer,
    onOpen: (socket) => socket.write(ping),
    onBytes: (bytes, socket) => {
      assert.ok(bytes.equals(ping.subarray(received, received + bytes.length)), 'The echo differs');
      received += bytes.length;
      if (received < PING_BYTES) return;
      tookMs = performance.now() - start;
      socket.end();
    },
  });
  assert.equal(received, PING_BYTES, 'The connection closed before the echo was complete');
  return tookMs;
}
