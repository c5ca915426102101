import t from 'tap';
import { BorrowedQuota } from '#limit/borrowed-quota.ts';
import type { Resource } from '#limit/options.ts';

interface Asked {
  readonly kind: string;
  readonly resource: Resource;
  readonly amount: number;
}

/** A quota whose lender is the test. */
function borrowed() {
  const asked: Asked[] = [];
  let nowMs = 0;
  let credited = 0;
  const quota: BorrowedQuota = new BorrowedQuota('a', {
    send: (from, ask) => {
      t.equal(from, quota);
      asked.push(ask);
    },
    onCredit: (from) => {
      t.equal(from, quota);
      credited += 1;
    },
    now: () => nowMs,
  });
  const grant = (resource: Resource, granted: number, retryMs?: number): void =>
    quota.receive({ quota: 1, resource, granted, retryMs });
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  return { quota, asked, grant, advance, credited: () => credited };
}

t.test('BorrowedQuota asks for what it does not have, and takes the rest of the grant at once', async (t) => {
  const { quota, asked, grant } = borrowed();
  const first = quota.take('tunnels', 1);
  t.same(asked, [{ kind: 'take', resource: 'tunnels', amount: 1 }]);
  t.ok(quota.isAsking);
  t.notOk(quota.isFresh);
  grant('tunnels', 3);
  t.equal(await first, 1);
  t.notOk(quota.isAsking);
  t.equal(quota.take('tunnels', 2), 2);
  t.ok(quota.isFresh);
});

t.test('BorrowedQuota asks once at a time, for all that wait', async (t) => {
  const { quota, asked, grant } = borrowed();
  const takes = [2, 3, 4].map((want) => quota.take('requests', want));
  grant('requests', 2);
  t.same(
    asked.map(({ amount }) => amount),
    [2, 7],
  );
  grant('requests', 5, 300);
  t.same(await Promise.all(takes), [2, 3, 2], 'less than was wanted: there is no more');
  t.equal(quota.retryMs('requests'), 300);
  t.equal(quota.retryMs('tunnels'), undefined);
});

t.test('BorrowedQuota asks for no more than it lacks, and for something at least', async (t) => {
  const { quota, asked, grant } = borrowed();
  const first = quota.take('bandwidth', 10);
  grant('bandwidth', 15);
  t.equal(await first, 10);
  const more = quota.take('bandwidth', 8);
  quota.giveBack('bandwidth', 20);
  const covered = quota.take('bandwidth', 1);
  grant('bandwidth', 3);
  grant('bandwidth', 0);
  t.same(await Promise.all([more, covered]), [8, 1]);
  t.same(
    asked.map(({ amount }) => amount),
    [10, 3, 1],
  );
});

t.test('BorrowedQuota gives a tunnel back at once that came singly, and keeps one of a slice', async (t) => {
  const { quota, asked, grant, credited } = borrowed();
  const first = quota.take('tunnels', 1);
  grant('tunnels', 1);
  t.equal(await first, 1);
  quota.giveBack('tunnels', 1);
  t.same(asked.at(-1), { kind: 'giveBack', resource: 'tunnels', amount: 1 });
  t.equal(credited(), 0);
  const second = quota.take('tunnels', 1);
  grant('tunnels', 4);
  t.equal(await second, 1);
  const before = asked.length;
  quota.giveBack('tunnels', 1);
  t.equal(asked.length, before);
  t.equal(credited(), 1, 'and says so');
  t.equal(quota.take('tunnels', 4), 4);
});

t.test('BorrowedQuota pays what was used already from what it has, and charges the rest', async (t) => {
  const { quota, asked, grant } = borrowed();
  const first = quota.take('bandwidth', 1);
  grant('bandwidth', 11);
  await first;
  quota.charge(4);
  t.equal(asked.length, 1);
  quota.charge(10);
  t.same(asked.at(-1), { kind: 'charge', resource: 'bandwidth', amount: 4 });
});

t.test('BorrowedQuota returns what nobody has used since the last time', async (t) => {
  const { quota, asked, grant } = borrowed();
  const first = quota.take('requests', 1);
  grant('requests', 5);
  await first;
  t.ok(quota.returnUnused(), 'it was just used');
  t.notOk(quota.returnUnused());
  t.same(asked.at(-1), { kind: 'giveBack', resource: 'requests', amount: 4 });
  t.ok(quota.isFresh);
  t.notOk(quota.returnUnused());
  t.equal(asked.length, 2);
});

t.test('BorrowedQuota asks again what nobody has answered', async (t) => {
  const { quota, asked, grant } = borrowed();
  const takes = [quota.take('tunnels', 1), quota.take('tunnels', 1)];
  const other = quota.take('requests', 1);
  grant('requests', 1);
  t.equal(await other, 1);
  quota.askAgain();
  t.same(asked.at(-1), { kind: 'take', resource: 'tunnels', amount: 2 });
  grant('tunnels', 2);
  t.same(await Promise.all(takes), [1, 1]);
});

t.test('BorrowedQuota has nothing of a day when that is over, and gives none of it back', async (t) => {
  const { quota, asked, grant, advance } = borrowed();
  const first = quota.take('bytesPerDay', 10);
  grant('bytesPerDay', 100, 5000);
  t.equal(await first, 10);
  advance(4999);
  t.equal(quota.take('bytesPerDay', 10), 10);
  advance(1);
  const next = quota.take('bytesPerDay', 10);
  t.same(asked.at(-1), { kind: 'take', resource: 'bytesPerDay', amount: 10 });
  grant('bytesPerDay', 30, 86_400_000);
  t.equal(await next, 10);
  advance(86_400_000);
  t.ok(quota.isFresh === false);
  t.notOk(quota.returnUnused());
  t.notOk(quota.returnUnused());
  t.equal(asked.length, 2, 'it would be taken off what is counted today');
});

t.test('BorrowedQuota keeps bytes of a day of which nobody knows when it ends', async (t) => {
  const { quota, grant, advance } = borrowed();
  const first = quota.take('bytesPerDay', 1);
  grant('bytesPerDay', 2);
  t.equal(await first, 1);
  advance(1e12);
  t.equal(quota.take('bytesPerDay', 1), 1);
});

t.test('BorrowedQuota lets go of what it has not used, but for tunnels', async (t) => {
  const { quota, asked, grant } = borrowed();
  for (const resource of ['requests', 'tunnels'] as const) {
    const taken = quota.take(resource, 1);
    grant(resource, 3);
    await taken;
  }
  quota.forfeit();
  t.equal(quota.take('tunnels', 2), 2);
  t.not(quota.take('requests', 1), 1);
  t.same(asked.at(-1), { kind: 'take', resource: 'requests', amount: 1 });
});
