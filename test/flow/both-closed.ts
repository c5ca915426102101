/**
 * Whatever a transaction ends with, both of its connections are closed by then, without anybody's help but an end of the client's:
 * the far side never closes by itself. One of each reason of src/errors.ts; what has none does not compile.
 */
import t from 'tap';
import type { Reason } from '#errors.ts';
import { CONNECT, connectsFailWith, type Failure, playOn, says } from '../fixtures/failing.ts';
import { BY_CLIENT, BY_POLICY, BY_PROXY } from '../fixtures/failing-here.ts';
import { BY_ORIGIN, BY_PEER } from '../fixtures/failing-upstream.ts';

/** What is for a fault in the program, below; and what stands for a name without any address, which the resolver already refuses. */
type Elsewhere = 'internal_error' | 'destination_unavailable';

const FAILURES: Readonly<Record<Exclude<Reason, Elsewhere>, Failure>> = {
  ...BY_CLIENT,
  ...BY_POLICY,
  ...BY_PEER,
  ...BY_ORIGIN,
  ...BY_PROXY,
};

for (const [reason, failure] of Object.entries(FAILURES)) {
  // Attacks: both-closed, recorded-once.
  t.test(`both connections are closed at the end of ${reason}`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const { client, proxy } = await playOn(t, stack, failure);
    await client.rest();
    client.end();
    await proxy.allClosed();
    const { opened, closed } = proxy.proxy.context.tools.ledger;
    t.same(opened, closed, 'all that were opened are closed');
    t.ok(opened.client >= 1);
    const ends = proxy.records.filter(({ event }) => event === 'end');
    t.ok(
      ends.some((record) => record.reason === reason),
      JSON.stringify(ends),
    );
    t.equal(proxy.proxy.context.drain.active, 0);
  });
}

// Attacks: both-closed, recorded-once.
t.test('both connections are closed where the fault is in the program', async (t) => {
  const stack = new AsyncDisposableStack();
  const { client, proxy } = await playOn(t, stack, [says(CONNECT), connectsFailWith('ENEVERHEARD')]);
  t.match(await client.rest(), /^HTTP\/1\.1 500 Internal error \(t\)\r\n/);
  client.end();
  await proxy.allClosed();
  t.match(await proxy.ended(1), [{ reason: 'internal_error', status: 500, outcome: 'failed' }]);
  await t.rejects(stack.disposeAsync(), /Internal error/, 'every other test would fail of it');
});
