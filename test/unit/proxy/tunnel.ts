import t from 'tap';
import { Abort } from '#net/abort.ts';
import { Wheel } from '#net/wheel.ts';
import type { Phase, Transaction } from '#proxy/transaction.ts';
import { Tunnel } from '#proxy/tunnel.ts';
import type { RecordEvent } from '#record/entry.ts';
import { needProc } from '../../fixtures/process-state.ts';
import { Sockets, until } from '../../fixtures/sockets.ts';
import { isKeptAlive } from '../../fixtures/tcp-state.ts';
import { FakeClock } from '../../fixtures/wheel-clock.ts';

const HOUR_MS = 3_600_000;

/** As much of a transaction as a tunnel asks for. */
function transactionOf(wheel: Wheel, events: string[]): Transaction {
  const tx = {
    context: { tools: { wheel }, drain: { countTunnel: () => {} } },
    generation: { config: { timeouts: { idle: HOUR_MS, lifetime: 24 * HOUR_MS, linger: 60_000 } } },
    listener: 'main',
    startedMs: 0,
    abort: new Abort(),
    phase: undefined as Phase | undefined,
    deadline: wheel.deadline({ onDeadline: () => tx.phase?.onDeadline(tx as unknown as Transaction) }),
    record: (event: RecordEvent) => events.push(event),
    fail: () => {},
    finish: () => {
      tx.deadline.clear();
      events.push('end');
    },
  };
  return tx as unknown as Transaction;
}

t.test('a tunnel that lives for a minute is kept alive on both sides from then on', async (t) => {
  if (!needProc(t)) return;
  await using sockets = await Sockets.open();
  const [client, upstream] = [await sockets.leg(), await sockets.leg()];
  const clock = new FakeClock(1);
  const events: string[] = [];
  const tx = transactionOf(new Wheel({ clock }), events);
  const parts = { leg: upstream.leg, nextHop: 'x', proxyStatus: undefined, release: () => {} };
  new Tunnel(tx, client.leg, parts).start();
  const ends = [client.far, upstream.far];
  clock.advance(59_000);
  t.same(events, ['open']);
  t.same(ends.map(isKeptAlive), [false, false]);
  clock.advance(2_000);
  t.same(events, ['open', 'update']);
  t.same(ends.map(isKeptAlive), [true, true]);
  clock.advance(60_000);
  t.same(events, ['open', 'update', 'update']);
  client.far.destroy();
  upstream.far.destroy();
  await until(() => events.at(-1) === 'end');
});
