import type { IncomingMessage, ServerResponse } from 'node:http';
import t from 'tap';
import { Abort } from '#net/abort.ts';
import { Wheel } from '#net/wheel.ts';
import { watchStall } from '#proxy/stall-clock.ts';
import type { Transaction } from '#proxy/transaction.ts';
import { FakeClock } from '../../fixtures/wheel-clock.ts';

const IDLE_MS = 4_000;

/** A transaction whose client owes the rest of its request, on a socket whose counts the test says. */
function watched() {
  const clock = new FakeClock();
  const wheel = new Wheel({ clock });
  const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0 };
  const tx = {
    context: { tools: { wheel } },
    generation: { config: { timeouts: { idle: IDLE_MS } } },
    deadline: wheel.deadline(() => tx.onDeadline?.()),
    onDeadline: undefined as (() => void) | undefined,
    abort: new Abort(),
  };
  const request = { complete: false, readableFlowing: true, socket } as unknown as IncomingMessage;
  const response = { headersSent: false } as ServerResponse;
  watchStall({ tx: tx as unknown as Transaction, request, response });
  return { clock, socket, tx };
}

t.test('watchStall() takes what has left for the client for progress', async (t) => {
  const { clock, socket, tx } = watched();
  for (let second = 0; second < 20; second += 1) {
    socket.bytesWritten += 100;
    clock.advance(1_000);
  }
  t.equal(tx.abort.reason, undefined);
  tx.deadline.clear();
});

t.test('watchStall() takes what only waits for the client for none', async (t) => {
  const { clock, socket, tx } = watched();
  for (let second = 0; second < 20; second += 1) {
    socket.bytesWritten += 100;
    socket.writableLength += 100;
    clock.advance(1_000);
  }
  t.equal(tx.abort.reason?.reason, 'request_timeout');
});
