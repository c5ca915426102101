/**
 * The bytes that both ends agree on, and how they are sent and compared. Every offset differs from its neighbours, so a lost,
 * doubled or moved chunk shows.
 */
import type { Writable } from 'node:stream';

const PERIOD = 64 * 1024 + 1;
/** Several periods, so that one write can be large wherever it begins. */
const COPIES = 8;
const WRITE_BYTES = 256 * 1024;

const BLOCK: Buffer = (() => {
  const block = Buffer.alloc(PERIOD * COPIES);
  for (let at = 0, state = 1; at < PERIOD; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    block[at] = state >>> 24;
  }
  for (let copy = 1; copy < COPIES; copy += 1) block.copy(block, copy * PERIOD, 0, PERIOD);
  return block;
})();

/** A piece of the pattern that begins at `offset`, at most `wanted` bytes long. A view, not a copy. */
function pieceAt(offset: number, wanted: number): Buffer {
  const from = offset % PERIOD;
  return BLOCK.subarray(from, Math.min(from + wanted, BLOCK.length));
}

/** The first `bytes` of the pattern, in memory of their own. */
export function patternOf(bytes: number): Buffer {
  const whole = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at += PERIOD) BLOCK.copy(whole, at, 0, Math.min(PERIOD, bytes - at));
  return whole;
}

/** Whether `bytes`, which begin at `offset` of the whole, are what the pattern has there. */
export function isPattern(bytes: Buffer, offset: number): boolean {
  let at = 0;
  while (at < bytes.length) {
    const piece = pieceAt(offset + at, bytes.length - at);
    if (piece.compare(bytes, at, at + piece.length) !== 0) return false;
    at += piece.length;
  }
  return true;
}

/** Writes `bytes` of the pattern, from `offset` on, as fast as `sink` takes them. */
export function pour(sink: Writable, bytes: number, onPoured: () => void): void {
  let at = 0;
  const more = (): void => {
    while (at < bytes) {
      const piece = pieceAt(at, Math.min(WRITE_BYTES, bytes - at));
      at += piece.length;
      if (!sink.write(piece) && at < bytes) {
        sink.once('drain', more);
        return;
      }
    }
    onPoured();
  };
  more();
}
