/**
 * The load generator, a process of its own: takes one job at a time from the harness and answers with the time it took, or
 * with the first byte or connection that was not right.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type net from 'node:net';
import process from 'node:process';
import { type DownloadJob, type Job, PATTERN, PING_BYTES, type Result, type SetUpJob } from './job.ts';
import { connect } from './wire.ts';

const BUFFER_BYTES = 256 * 1024;

async function pingPong({ target, via }: SetUpJob, buffer: Buffer): Promise<void> {
  const ping = randomBytes(PING_BYTES);
  let received = 0;
  await connect({
    target,
    via,
    buffer,
    onOpen: (socket) => socket.write(ping),
    onBytes: (bytes, socket) => {
      assert.ok(bytes.equals(ping.subarray(received, received + bytes.length)), 'The echo differs');
      received += bytes.length;
      if (received === PING_BYTES) socket.end();
    },
  });
  assert.equal(received, PING_BYTES, 'The connection closed before the echo was complete');
}

async function setUp(job: SetUpJob): Promise<void> {
  let left = job.count;
  const lane = async (): Promise<void> => {
    const buffer = Buffer.allocUnsafe(1024);
    while (left > 0) {
      left -= 1;
      await pingPong(job, buffer);
    }
  };
  await Promise.all(Array.from({ length: job.parallel }, lane));
}

/** Whether `bytes`, which begin at `offset` of the whole, are what the origin sends there. */
function isPattern(bytes: Buffer, offset: number): boolean {
  let at = 0;
  while (at < bytes.length) {
    const from = (offset + at) % PATTERN.length;
    const length = Math.min(PATTERN.length - from, bytes.length - at);
    if (PATTERN.compare(bytes, at, at + length, from, from + length) !== 0) return false;
    at += length;
  }
  return true;
}

async function download({ target, via, bytes: wanted, compare }: DownloadJob): Promise<void> {
  let received = 0;
  const ask = (socket: net.Socket): void => {
    socket.write(`${wanted}\n`);
  };
  await connect({
    target,
    via,
    buffer: Buffer.allocUnsafe(BUFFER_BYTES),
    onOpen: ask,
    onBytes: (bytes) => {
      if (compare) assert.ok(isPattern(bytes, received), `The bytes after ${received} differ`);
      received += bytes.length;
    },
  });
  assert.equal(received, wanted, 'The download has the wrong length');
}

async function timed(job: Job): Promise<Result> {
  const start = performance.now();
  try {
    await (job.kind === 'setUp' ? setUp(job) : download(job));
    return { seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', async (job: Job) => {
  process.send?.(await timed(job));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
