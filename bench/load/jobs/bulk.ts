/** Many bytes in one direction, through one tunnel or several at once. */
import assert from 'node:assert/strict';
import type net from 'node:net';
import type { BulkJob, Told } from '../job.ts';
import { isPattern, pour } from '../pattern.ts';
import { connect } from '../wire.ts';

const BUFFER_BYTES = 256 * 1024;

/** The origin sends `wanted` bytes and closes. */
async function download({ target, via, isCompared }: BulkJob, wanted: number): Promise<void> {
  let received = 0;
  await connect({
    target,
    via,
    buffer: Buffer.allocUnsafe(BUFFER_BYTES),
    onOpen: (socket) => socket.write(`down ${wanted}\n`),
    onBytes: (bytes) => {
      if (isCompared) assert.ok(isPattern(bytes, received), `The bytes after ${received} differ`);
      received += bytes.length;
    },
  });
  assert.equal(received, wanted, 'The download has the wrong length');
}

/** The origin says how many bytes it got, and that they were right where it was asked to look. */
async function upload({ target, via, isCompared }: BulkJob, wanted: number): Promise<void> {
  let answer = '';
  const send = (socket: net.Socket): void => {
    socket.write(`${isCompared ? 'compare' : 'up'} ${wanted}\n`);
    pour(socket, wanted, () => {});
  };
  await connect({
    target,
    via,
    buffer: Buffer.allocUnsafe(1024),
    onOpen: send,
    onBytes: (bytes, socket) => {
      answer += bytes.toString('latin1');
      if (answer.endsWith('\n')) socket.end();
    },
  });
  assert.equal(answer, `got ${wanted}\n`, 'The origin did not get what was sent');
}

export async function bulk(job: BulkJob): Promise<Told> {
  const move = job.direction === 'down' ? download : upload;
  const each = Math.floor(job.bytes / job.tunnels);
  await Promise.all(Array.from({ length: job.tunnels }, () => move(job, each)));
  return {};
}
