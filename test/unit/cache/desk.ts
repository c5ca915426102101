import t from 'tap';
import { CacheDesk, type Flight } from '#cache/desk.ts';
import { parsePurgeTarget } from '#cache/purge-target.ts';
import { entry } from '../../fixtures/cache-entry.ts';
import { folderOf } from '../../fixtures/owned.ts';

const MIB = 2 ** 20;
const URL = 'http://origin.example/';

function flight(facts: Partial<Flight> = {}): Flight & { spoilt: number } {
  return {
    url: URL,
    partition: 'p',
    isForOthers: true,
    spoilt: 0,
    spoil() {
      this.spoilt += 1;
    },
    ...facts,
  };
}

t.test('each process has its part of the memory', async (t) => {
  const desk = new CacheDesk({ memory: 4 * MIB, maxObject: MIB }, 4);
  t.equal(desk.store.reserve(MIB), true);
  t.equal(desk.store.reserve(1), false);
  t.equal(desk.maxObjectBytes, MIB);
});

t.test('others find the first flight for the same, as long as they may join', async (t) => {
  const desk = new CacheDesk({ memory: MIB, maxObject: MIB }, 1);
  const [first, second] = [flight(), flight()];
  desk.begin(first);
  desk.begin(second);
  t.equal(desk.flightOf(URL, 'p'), first);
  t.equal(desk.flightOf(URL, 'q'), undefined);
  desk.close(second);
  t.equal(desk.flightOf(URL, 'p'), first);
  desk.close(first);
  t.equal(desk.flightOf(URL, 'p'), undefined);
  t.equal(desk.isUsed, true);
  desk.end(first);
  desk.end(second);
  t.equal(desk.isUsed, false);
});

t.test('a flight that is not for others is not found', async (t) => {
  const desk = new CacheDesk({ memory: MIB, maxObject: MIB }, 1);
  desk.begin(flight({ isForOthers: false }));
  t.equal(desk.flightOf(URL, 'p'), undefined);
});

t.test('invalidate() takes out what is kept and spoils what is on the way', async (t) => {
  const desk = new CacheDesk({ memory: MIB, maxObject: MIB }, 1);
  const [same, other] = [flight(), flight({ url: 'http://origin.example/other' })];
  desk.begin(same);
  desk.begin(other);
  desk.store.put(entry([], { url: URL }));
  desk.invalidate(URL, { status: 500, headers: [] });
  t.equal(desk.store.size, 1, 'an error changes nothing');
  desk.invalidate(URL, { status: 200, headers: [] });
  t.equal(desk.store.size, 0);
  t.same([same.spoilt, other.spoilt], [1, 0]);
});

t.test('there may be a disk behind the memory, which what changes is taken away from as well', async (t) => {
  const path = folderOf(t);
  const begin = () => {
    const disk = { path, size: 16 * MIB, place: { index: 0, count: 1 }, onFault: () => {} };
    return new CacheDesk({ memory: MIB, maxObject: MIB }, 1, disk);
  };
  const desk = begin();
  t.equal(desk.isUsed, true, 'there may be something');
  desk.store.put(entry([], { url: URL }));
  await desk.settle();
  const next = begin();
  t.match(await next.backed?.seek(URL, 'rule route', []), { entry: { url: URL } });
  t.equal((await next.all(URL)).length, 1);
  next.invalidate(URL, { status: 200, headers: [] });
  t.match(await next.backed?.seek(URL, 'rule route', []), { entry: undefined });
  next.store.put(entry([], { url: URL }));
  t.match(await next.purge(parsePurgeTarget(URL)), { purged: 1 });
  t.same(await next.all(URL), []);
  next.leave();
  next.store.put(entry([], { url: URL }));
  await next.settle();
  t.same(await next.backed?.disk.all(URL), []);
  await new CacheDesk({ memory: MIB, maxObject: MIB }, 1).settle();
});

t.test('what an unsafe request has changed is told elsewhere, where anything is kept', async (t) => {
  const desk = new CacheDesk({ memory: MIB, maxObject: MIB }, 1);
  t.equal(desk.isUsed, false);
  const told: (readonly string[])[] = [];
  desk.onChanged = (urls) => void told.push(urls);
  t.equal(desk.isUsed, true, 'others may have what this one has not');
  desk.invalidate(URL, { status: 500, headers: [] });
  t.same(told, []);
  desk.invalidate(URL, { status: 200, headers: ['Location', '/b', 'Content-Location', '/b'] });
  t.same(told, [[URL, 'http://origin.example/b']]);
});

t.test('drop() does what others have heard, and tells nobody', async (t) => {
  const desk = new CacheDesk({ memory: MIB, maxObject: MIB }, 1);
  desk.onChanged = () => t.fail('it goes round');
  const [same, other] = [flight(), flight({ url: 'http://origin.example/other' })];
  desk.begin(same);
  desk.begin(other);
  for (const path of ['', 'other', 'third']) desk.store.put(entry([], { url: `${URL}${path}` }));
  desk.drop([URL, 'http://origin.example/not-there']);
  t.equal(desk.store.size, 2);
  t.same([same.spoilt, other.spoilt], [1, 0]);
  t.match(desk.notes.of(URL), { why: 'changed', status: undefined });
  t.match(await desk.all(`${URL}other`), [{ url: `${URL}other` }]);
  desk.drop('anything');
  t.equal(desk.store.size, 0);
  t.same([same.spoilt, other.spoilt], [2, 1]);
});

t.test('purge() takes out a URL, or all of a host, and spoils what is on the way', async (t) => {
  const desk = new CacheDesk({ memory: MIB, maxObject: MIB }, 1);
  const urls = ['http://a.example/', 'http://a.example/x', 'http://a.example:81/', 'http://a.example.evil/'];
  for (const url of urls) desk.store.put(entry([], { url }));
  desk.store.put(entry([], { url: urls[1] as string, partition: 'another' }));
  const flights = urls.map((url) => flight({ url }));
  for (const each of flights) desk.begin(each);
  const spoilt = () => flights.map((each) => each.spoilt);
  t.match(await desk.purge(parsePurgeTarget('http://a.example/x')), { purged: 2 });
  t.same(spoilt(), [0, 1, 0, 0]);
  t.match(desk.notes.of('http://a.example/x'), { why: 'purged' });
  t.match(await desk.purge(parsePurgeTarget('http://a.example/x')), { purged: 0 });
  t.match(await desk.purge(parsePurgeTarget('a.example')), { purged: 2 });
  t.same(spoilt(), [1, 3, 1, 0]);
  t.equal(desk.store.size, 1);
  t.match(desk.notes.purgedHosts.of('http://a.example:81/'), { host: 'a.example', atMs: Number });
  t.equal(desk.notes.purgedHosts.of('http://a.example.evil/'), undefined);
  t.equal(desk.isUnderWay('http://a.example.evil/'), true);
  t.equal(desk.isUnderWay('http://a.example/y'), false);
});

t.test('all() and purge() know what is on disk, and what is there and in memory once', async (t) => {
  const path = folderOf(t);
  const begin = () => {
    const disk = { path, size: 16 * MIB, place: { index: 0, count: 1 }, onFault: () => {} };
    return new CacheDesk({ memory: MIB, maxObject: MIB }, 1, disk);
  };
  const desk = begin();
  desk.store.put(entry([], { url: URL }));
  desk.store.put(entry([], { url: `${URL}other` }));
  t.equal((await desk.all(URL)).length, 1);
  await desk.settle();
  const next = begin();
  t.equal((await next.all(URL)).length, 1);
  t.match(await next.purge(parsePurgeTarget(URL)), { purged: 1 });
  t.same(await next.all(URL), []);
  t.match(await next.purge(parsePurgeTarget('origin.example')), { purged: 1 });
  await next.settle();
});
