import t from 'tap';
import { Winners } from '#net/winners.ts';

const candidates = ['192.0.2.1', '2001:db8::1', '192.0.2.2'].map((text) => ({ ip: { text } }));
const texts = (winners: Winners, host: string, of = candidates): string[] =>
  winners.order(host, of).map(({ ip }) => ip.text);

t.test('Winners puts the address that won last first, and the others in their order behind it', async (t) => {
  const winners = new Winners();
  t.equal(winners.order('a.example', candidates), candidates, 'nothing is known of anybody');
  winners.remember('a.example', '192.0.2.2');
  t.same(texts(winners, 'a.example'), ['192.0.2.2', '192.0.2.1', '2001:db8::1']);
  t.equal(winners.order('b.example', candidates), candidates, 'nothing of this host');
  winners.remember('b.example', '192.0.2.1');
  t.equal(winners.order('b.example', candidates), candidates, 'it is the first already');
});

// Attacks: same-address.
t.test('Winners never adds an address that is not among the candidates', async (t) => {
  const winners = new Winners();
  winners.remember('a.example', '10.0.0.1');
  t.same(texts(winners, 'a.example'), ['192.0.2.1', '2001:db8::1', '192.0.2.2']);
  t.same(texts(winners, 'a.example', candidates.slice(0, 1)), ['192.0.2.1']);
});

t.test('Winners forgets after ten minutes', async (t) => {
  const clock = { ms: 1, now: () => clock.ms };
  const winners = new Winners(clock);
  winners.remember('a.example', '192.0.2.2');
  clock.ms += 600_000;
  t.equal(texts(winners, 'a.example')[0], '192.0.2.2');
  clock.ms += 1;
  t.equal(texts(winners, 'a.example')[0], '192.0.2.1');
});

// Attacks: bounded.
t.test('Winners remembers only so many hosts', async (t) => {
  const winners = new Winners();
  for (let i = 0; i <= 1000; i += 1) winners.remember(`h${i}.example`, '192.0.2.2');
  t.equal(texts(winners, 'h0.example')[0], '192.0.2.1');
  t.equal(texts(winners, 'h1.example')[0], '192.0.2.2');
});
