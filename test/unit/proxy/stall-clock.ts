import t from 'tap';
import { Abort } from '#net/abort.ts';
import { Wheel } from '#net/wheel.ts';
import type { ClientRequest, ClientResponse } from '#proxy/client-exchange.ts';
import { watchStall } from '#proxy/stall-clock.ts';
import type { Phase, Transaction } from '#proxy/transaction.ts';
import { FakeClock } from '../../fixtures/wheel-clock.ts';

const IDLE_MS = 4_000;

/** A transaction whose client owes the rest of its request, on a socket whose counts the test says. */
function watched() {
  const clock = new FakeClock();
  const wheel = new Wheel({ clock });
  const leg = { received: 0, sent: 0, pendingBytes: 0 };
  const tx = {
    context: { tools: { wheel } },
    generation: { config: { timeouts: { idle: IDLE_MS } } },
    connection: { leg },
    deadline: wheel.deadline({ onDeadline: () => tx.phase?.onDeadline(tx as unknown as Transaction) }),
    phase: undefined as Phase | undefined,
    abort: new Abort(),
  };
  const request = { complete: false, readableFlowing: true } as ClientRequest;
  const response = { headersSent: false } as ClientResponse;
  watchStall({ tx: tx as unknown as Transaction, request, response });
  return { clock, leg, tx };
}

t.test('watchStall() takes what has left for the client for progress', async (t) => {
  const { clock, leg, tx } = watched();
  for (let second = 0; second < 20; second += 1) {
    leg.sent += 100;
    clock.advance(1_000);
  }
  t.equal(tx.abort.reason, undefined);
  tx.deadline.clear();
});

t.test('watchStall() takes what only waits for the client for none', async (t) => {
  const { clock, leg, tx } = watched();
  for (let second = 0; second < 20; second += 1) {
    leg.sent += 100;
    leg.pendingBytes += 100;
    clock.advance(1_000);
  }
  t.equal(tx.abort.reason?.reason, 'request_timeout');
});
