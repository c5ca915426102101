import { EventEmitter } from 'node:events';
import t from 'tap';
import { Ledger } from '#net/ledger.ts';

t.test('Ledger counts each socket as opened once and as closed once, by side', async (t) => {
  const ledger = new Ledger();
  const [client, upstream] = [new EventEmitter(), new EventEmitter()];
  ledger.track('client', client);
  ledger.track('upstream', upstream);
  t.equal(ledger.open('client'), 1);
  t.equal(ledger.open('upstream'), 1);
  client.emit('close');
  client.emit('close');
  t.equal(ledger.open('client'), 0);
  t.equal(ledger.open('upstream'), 1);
  t.same(ledger.opened, { client: 1, upstream: 1 });
  t.same(ledger.closed, { client: 1, upstream: 0 });
});

t.test('Ledger counts a connection once when another socket takes it over', async (t) => {
  const ledger = new Ledger();
  const [first, second] = [new EventEmitter(), new EventEmitter()];
  ledger.track('client', first);
  first.removeAllListeners();
  ledger.succeed('client', second);
  t.equal(ledger.opened.client, 1);
  t.equal(ledger.open('client'), 1);
  second.emit('close');
  t.equal(ledger.open('client'), 0);
});
