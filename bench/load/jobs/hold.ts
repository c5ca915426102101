/**
 * Idle tunnels, kept open from job to job: each has carried 64 bytes both ways, so that it is a tunnel and not only an answer.
 * One that closes by itself makes the next job fail.
 */
import assert from 'node:assert/strict';
import type net from 'node:net';
import type { HoldJob, Path, Told } from '../job.ts';
import { connect } from '../wire.ts';
import { pingBuffer } from './ping-pong.ts';

interface Held {
  readonly socket: net.Socket;
  readonly closed: Promise<void>;
  isOpen: boolean;
}

const PARALLEL = 32;
const PING = Buffer.alloc(64, 'idle');

/** By the port that they lead through. */
const held = new Map<number, Held[]>();
/** What idle tunnels read is nothing, so that all can read into the same place. */
const buffer = pingBuffer();

/** Resolves when the echo is back. */
function open({ target, via }: Path): Promise<Held> {
  const { promise, resolve, reject } = Promise.withResolvers<Held>();
  let received = 0;
  const closed = connect({
    target,
    via,
    buffer,
    onOpen: (socket) => socket.write(PING),
    onBytes: (bytes, socket) => {
      received += bytes.length;
      if (received === PING.length) resolve(tunnel(socket));
    },
  });
  const tunnel = (socket: net.Socket): Held => {
    const made: Held = { socket, closed, isOpen: true };
    const onClose = (): void => {
      made.isOpen = false;
    };
    closed.then(onClose, onClose);
    return made;
  };
  closed.then(() => reject(new Error('An idle tunnel closed before its echo')), reject);
  return promise;
}

async function openMore(job: HoldJob, kept: Held[]): Promise<void> {
  let left = job.count - kept.length;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      kept.push(await open(job));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

export async function hold(job: HoldJob): Promise<Told> {
  const key = (job.via ?? job.target).port;
  const kept = held.get(key) ?? [];
  held.set(key, kept);
  const lost = kept.filter(({ isOpen }) => !isOpen).length;
  if (lost > 0) held.delete(key);
  assert.equal(lost, 0, `${lost} of ${kept.length} idle tunnels closed by themselves`);
  await openMore(job, kept);
  const surplus = kept.splice(job.count);
  for (const { socket } of surplus) socket.destroy();
  await Promise.allSettled(surplus.map(({ closed }) => closed));
  return {};
}
