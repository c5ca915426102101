import t from 'tap';
import type { NamespaceChange } from '#pods/namespace.ts';
import { NamespaceDirectory } from '#pods/namespace-directory.ts';

function namespace(name: string, ...labels: readonly string[]): NamespaceChange {
  return { name, labels, hasAllLabels: true };
}

function news(changes: readonly NamespaceChange[], isAll = false, ageMs = 0) {
  return { isAll, changes, ageMs };
}

t.test('named() has the labels as they are when they are asked for', async (t) => {
  const directory = new NamespaceDirectory();
  const api = directory.named('api');
  t.equal(directory.named('api'), api, 'one object for all pods');
  t.strictSame([api.labels, api.hasAllLabels], [undefined, false], 'nobody has told of it');
  directory.take(news([namespace('api', 'team', 'a'), namespace('web', 'team', 'b')], true));
  t.equal(directory.size, 2);
  t.strictSame([api.labels?.get('team'), api.hasAllLabels], ['a', true]);
  directory.take(news([namespace('api', 'team', 'c')]));
  t.equal(api.labels?.get('team'), 'c');
  directory.take(news([{ name: 'api', labels: [], hasAllLabels: false }]));
  t.strictSame([api.labels?.get('team'), api.hasAllLabels], [undefined, false]);
  directory.take(news(['api']));
  t.equal(api.labels, undefined, 'one that is gone has none');
  directory.take(news([namespace('api')], true));
  t.equal(directory.find('web'), undefined, 'a list is all that there are');
  directory.clear();
});

t.test('all() is the directory as a whole where it is known as a whole', async (t) => {
  const directory = new NamespaceDirectory({ now: () => 0 });
  directory.take(news([namespace('api', 'team', 'a')]));
  t.equal(directory.all(), undefined, 'a change is no list');
  t.equal(directory.isSynced, false);
  directory.take(news([namespace('api', 'team', 'a')], true));
  t.equal(directory.isSynced, true);
  const all = directory.all();
  t.strictSame(all, news([namespace('api', 'team', 'a')], true));
  directory.clear();
  t.equal(directory.all(), undefined);
  t.equal(directory.size, 0);
});

t.test('expect() is over with the first list, and is not begun by who knows them', async (t) => {
  const directory = new NamespaceDirectory();
  t.equal(directory.isExpected, false);
  directory.expect();
  directory.take(news([namespace('api')]));
  t.equal(directory.isExpected, true);
  directory.take(news([], true));
  t.equal(directory.isExpected, false);
  directory.expect();
  t.equal(directory.isExpected, false);
  directory.clear();
  directory.expect();
  directory.clear();
  t.equal(directory.isExpected, false, 'nor by who does not ask for them any more');
});

t.test('untilSynced() ends with the first list, or when it has taken too long', async (t) => {
  const directory = new NamespaceDirectory({ patienceMs: 1_000_000 });
  const waiting = directory.untilSynced();
  directory.take(news([], true));
  await waiting;
  await directory.untilSynced();
  directory.clear();
  await new NamespaceDirectory({ patienceMs: 1 }).untilSynced();
  t.equal(directory.all(), undefined);
});

t.test('find() knows nothing that is stale, where a configuration says so', async (t) => {
  let now = 0;
  const told: boolean[] = [];
  const directory = new NamespaceDirectory({
    now: () => now,
    staleMs: 1000,
    onStale: (isStale) => told.push(isStale),
  });
  directory.take(news([namespace('api', 'team', 'a')], true));
  const api = directory.named('api');
  now = 5000;
  directory.take(news([], false, 4000));
  t.equal(directory.ageMs, 4000);
  t.equal(api.labels?.get('team'), 'a');
  directory.forgetWhenStale(true);
  t.strictSame([api.labels, api.hasAllLabels], [undefined, false]);
  directory.take(news([]));
  t.equal(api.labels?.get('team'), 'a');
  t.same(told, [true, false]);
  directory.clear();
});

t.test('NamespaceDirectory knows nothing of more than there is room for', async (t) => {
  const directory = new NamespaceDirectory({ most: 2 });
  directory.take(news([namespace('a'), namespace('b'), namespace('c')], true));
  t.equal(directory.size, 2);
  t.equal(directory.find('c'), undefined);
  directory.take(news([namespace('b', 'team', 'x'), namespace('c')]));
  t.equal(directory.find('b')?.labels.get('team'), 'x');
  t.equal(directory.find('c'), undefined);
  directory.take(news(['a', namespace('c')]));
  t.ok(directory.find('c'));
  directory.clear();
});

t.test('NamespaceDirectory keeps names up to a bound, and what was handed out stays right', async (t) => {
  const directory = new NamespaceDirectory();
  const first = directory.named('n0');
  for (let at = 1; at <= 100_000; at += 1) directory.named(`n${at}`);
  t.not(directory.named('n0'), first);
  directory.take(news([namespace('n0', 'team', 'a')], true));
  t.equal(first.labels?.get('team'), 'a');
  directory.clear();
});
