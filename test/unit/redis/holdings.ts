import t from 'tap';
import { Holdings } from '#redis/holdings.ts';
import { limitOptions } from '../../fixtures/limits.ts';

const ASK = { quota: 7, limit: limitOptions({ tunnels: 4 }), key: 'a' };
const grant = (granted: number, retryMs?: number) =>
  ({ quota: 7, resource: 'tunnels', granted, retryMs }) as const;

t.test('tunnels go back to where they count', async (t) => {
  const holdings = new Holdings();
  const holding = holdings.of(ASK);
  holding.note(grant(2), 0);
  holdings.noteInsured(grant(3));
  holdings.noteInsured({ ...grant(3), quota: 8 });
  holdings.noteInsured({ ...grant(3), resource: 'requests' });
  t.equal(holding.release(1), 1);
  t.equal(holding.release(2), 1, 'Redis first');
  t.equal(holding.insured, 2);
  t.equal(holding.release(9), 0);
  t.equal(holding.insured, 0, 'never less than none');
});

t.test('what is used up is not asked for for as long as that takes, and a second at most', async (t) => {
  const holding = new Holdings().of(ASK);
  t.equal(holding.dryMs('requests', 0), 0);
  holding.note({ ...grant(0, 300), resource: 'requests' }, 100);
  t.equal(holding.dryMs('requests', 150), 250);
  t.equal(holding.dryMs('requests', 400), 0);
  t.equal(holding.moreInMs('bytesPerDay', 0), 0);
  holding.note({ ...grant(0, 45_000), resource: 'requests' }, 1000);
  t.equal(holding.dryMs('requests', 1500), 500, 'asked again before there will be some');
  t.equal(holding.moreInMs('requests', 1500), 44_500, 'and clients are told when there will be');
  holding.note({ ...grant(0, 9e9), resource: 'bytesPerDay' }, 0);
  t.equal(holding.dryMs('bytesPerDay', 0), 1000);
  holding.note(grant(0), 0);
  t.equal(holding.dryMs('tunnels', 0), 20, 'or a moment');
  holding.release(1);
  t.equal(holding.dryMs('tunnels', 0), 0, 'one has ended here');
  holding.note({ ...grant(1), resource: 'bytesPerDay' }, 0);
  t.equal(holding.dryMs('bytesPerDay', 0), 0);
});

t.test('forgetIdle() forgets whoever has nothing, and of whom nothing is known', async (t) => {
  const holdings = new Holdings();
  holdings.of(ASK).note(grant(1), 0);
  holdings.of({ ...ASK, quota: 8 }).note(grant(0), 0);
  holdings.of({ ...ASK, quota: 9 });
  holdings.forgetIdle(0);
  t.same(
    [...holdings.all()].map(([quota]) => quota),
    [7, 8],
  );
  holdings.forgetIdle(1000);
  t.same(
    [...holdings.all()].map(([quota]) => quota),
    [7],
  );
});
