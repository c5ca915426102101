import t from 'tap';
import type { ClientResponse } from '#proxy/client-exchange.ts';
import { InterimRelay } from '#proxy/interim-relay.ts';
import type { Transaction } from '#proxy/transaction.ts';

const VIA = ['Via', '1.1 t-0'];

/** A response that keeps what it is told to write; `queued` bytes wait for its client. */
function responseOf({ queued = 0, httpVersion = '1.1', headersSent = false } = {}) {
  const written: unknown[] = [];
  const response = {
    headersSent,
    req: { httpVersion },
    writeContinue: () => written.push(100),
    writeInformation: (status: number, headers: readonly string[]) => written.push([status, ...headers]),
  };
  const tx = { connection: { leg: { pendingBytes: queued } }, context: { pseudonym: 't-0' } } as Transaction;
  return { relay: new InterimRelay(tx, response as unknown as ClientResponse), written };
}

t.test('pass() writes interim answers without the fields that frame content', async (t) => {
  const { relay, written } = responseOf({ queued: 65_535 });
  relay.pass(103, ['Link', '</a>', 'Content-Length', '0', 'TRAILER', 'X', 'Connection', 'close']);
  relay.pass(100, ['X', 'y']);
  t.same(written, [[103, 'Link', '</a>', ...VIA], 100]);
});

t.test('pass() leaves out what the client does not read in time, but not a 100', async (t) => {
  const { relay, written } = responseOf({ queued: 65_536 });
  relay.pass(103, []);
  relay.pass(100, []);
  t.same(written, [100]);
});

t.test('pass() writes nothing to HTTP/1.0, nor behind the final head', async (t) => {
  for (const parts of [{ httpVersion: '1.0' }, { headersSent: true }]) {
    const { relay, written } = responseOf(parts);
    relay.pass(100, []);
    relay.pass(103, []);
    t.same(written, []);
  }
});

// Attacks: bounded.
t.test('pass() refuses the 33rd, written or not', async (t) => {
  const { relay } = responseOf({ queued: 65_536 });
  for (let count = 0; count < 32; count += 1) relay.pass(103, []);
  t.throws(() => relay.pass(103, []), { reason: 'response_malformed', message: 'Too many interim answers' });
});

// Attacks: bounded.
t.test('pass() refuses what exceeds 64 KiB in sum', async (t) => {
  const { relay } = responseOf();
  relay.pass(103, ['A', 'b'.repeat(65_535)]);
  t.throws(() => relay.pass(103, ['A']), {
    reason: 'response_malformed',
    message: 'Too many interim answers',
  });
});
