import t from 'tap';
import { REASONS } from '#errors.ts';
import { type Foreseen, foresee } from '#record/foreseen.ts';
import { Tally } from '#record/tally.ts';

const NOTHING: Foreseen = { listeners: [], secure: [], handshakeCauses: [], limits: [], assertions: [] };

function tallies() {
  return {
    requests: new Tally(),
    handshakes: new Tally(),
    limitHits: new Tally(),
    assertions: new Tally(),
    dnsQueries: new Tally(),
  };
}

function cells(tally: Tally, depth: number): string[] {
  const found: string[] = [];
  tally.walk(depth, (labels, value) => found.push(`${labels.join(' ')} ${value}`));
  return found;
}

t.test('foresee() makes every refusal of every listener, and no failure', async (t) => {
  const all = tallies();
  foresee(all, { ...NOTHING, listeners: ['a', 'b'] });
  const made = cells(all.requests, 4);
  t.ok(made.includes('a CONNECT denied rule_denied 0'));
  t.ok(made.includes('b GET denied no_rule_matched 0'));
  const refusals = Object.values(REASONS).filter(({ outcome }) => outcome === 'denied');
  t.equal(made.length, 2 * 2 * refusals.length);
  t.ok(made.every((line) => line.includes(' denied ')));
});

t.test('foresee() makes what the configuration has, and no more', async (t) => {
  const all = tallies();
  foresee(all, {
    ...NOTHING,
    listeners: ['a', 'b'],
    secure: ['b'],
    handshakeCauses: ['closed', 'alert'],
    limits: ['few'],
    assertions: ['accepted'],
  });
  t.same(cells(all.handshakes, 2), ['b closed 0', 'b alert 0']);
  t.same(cells(all.limitHits, 1), ['few 0']);
  t.same(cells(all.assertions, 1), ['accepted 0']);
  t.ok(cells(all.dnsQueries, 1).includes('stale 0'));
});

t.test('foresee() leaves what was counted', async (t) => {
  const all = tallies();
  all.limitHits.at('few').value = 3;
  foresee(all, { ...NOTHING, limits: ['few', 'more'] });
  t.same(cells(all.limitHits, 1), ['few 3', 'more 0']);
});
