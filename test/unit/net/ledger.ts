import t from 'tap';
import { Ledger } from '#net/ledger.ts';

t.test('Ledger counts each side, opened and closed', async (t) => {
  const ledger = new Ledger();
  ledger.countOpened('client');
  ledger.countOpened('upstream');
  t.equal(ledger.open('client'), 1);
  t.equal(ledger.open('upstream'), 1);
  ledger.countClosed('client');
  t.equal(ledger.open('client'), 0);
  t.equal(ledger.open('upstream'), 1);
  ledger.upstream.countClosed();
  t.same(ledger.opened, { client: 1, upstream: 1 });
  t.same(ledger.closed, { client: 1, upstream: 1 });
});
