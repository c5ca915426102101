import t from 'tap';
import { CacheDesk, type Flight } from '#cache/desk.ts';
import { requestDirectives } from '#cache/directives.ts';
import type { Entry } from '#cache/entry.ts';
import { Incoming } from '#cache/incoming.ts';
import { entry, NOW } from '../../fixtures/cache-entry.ts';

const KIB = 1024;
const URL = 'http://origin.example/';
const FRESH = ['Cache-Control', 'max-age=60', 'Date', 'd'];

function stage({
  kept,
  request = [],
  maxObject = 64 * KIB,
}: {
  kept?: Entry;
  request?: string[];
  maxObject?: number;
} = {}) {
  const desk = new CacheDesk({ memory: 256 * KIB, maxObject }, 1);
  if (kept !== undefined) desk.store.put(kept);
  const flight: Flight = {
    url: URL,
    partition: 'rule route',
    isForOthers: true,
    spoil: () => incoming.spoil(),
  };
  const facts = { method: 'GET', headers: request, directives: requestDirectives(request) };
  let drains = 0;
  const onDrain = (): void => {
    drains += 1;
  };
  const incoming = new Incoming({ desk, flight, request: facts, kept, onDrain }, NOW);
  desk.begin(flight);
  const take = (headers: readonly string[], status = 200, isFault = false) =>
    incoming.take({ status, phrase: 'OK', headers, isFault }, NOW + 1000);
  const isJoinable = () => desk.flightOf(URL, 'rule route') !== undefined;
  return { desk, incoming, take, isJoinable, drains: () => drains };
}

t.test('an answer that may be kept is, when it has come whole', async (t) => {
  const { desk, incoming, take, isJoinable } = stage({ request: ['X', '1'] });
  const { entry: head, whyNot } = take([...FRESH, 'Vary', 'x', 'Age', '5']);
  t.equal(whyNot, undefined);
  t.match(head, {
    url: URL,
    names: ['x'],
    selection: '=1',
    status: 200,
    requestMs: NOW,
    answerMs: NOW + 1000,
  });
  t.equal(isJoinable(), true);
  incoming.body?.push(Buffer.from('abc'));
  t.equal(desk.store.size, 0);
  incoming.end(true);
  const { entry: kept } = desk.store.find(URL, 'rule route', ['X', '1']);
  t.equal(String(kept?.body), 'abc');
  t.equal(incoming.body?.isEnded, true);
  t.same(kept?.headers, [...FRESH, 'Vary', 'x']);
});

t.test('what may not be kept is read and gone, and nobody joins', async (t) => {
  for (const [headers, isFault, why] of [
    [['Cache-Control', 'no-store'], false, 'no-store'],
    [FRESH, true, 'fault'],
  ] as const) {
    const { desk, incoming, take, isJoinable } = stage();
    t.same(take(headers, 200, isFault), { entry: undefined, whyNot: why });
    t.equal(isJoinable(), false);
    incoming.body?.push(Buffer.from('abc'));
    const reader = incoming.body?.reader();
    t.equal(String(reader?.read()), 'abc');
    incoming.end(true);
    t.equal(desk.store.bytes, 0);
  }
});

t.test('what is too large is not kept, whether its head says so or its body', async (t) => {
  const told = stage({ maxObject: 20 * KIB });
  t.same(told.take([...FRESH, 'Content-Length', `${21 * KIB}`]), { entry: undefined, whyNot: 'too-large' });
  const untold = stage({ maxObject: 20 * KIB });
  t.equal(untold.take(FRESH).whyNot, undefined);
  untold.incoming.body?.push(Buffer.alloc(10 * KIB));
  t.equal(untold.isJoinable(), true);
  untold.incoming.body?.push(Buffer.alloc(12 * KIB));
  t.equal(untold.isJoinable(), false);
  untold.incoming.end(true);
  t.equal(untold.desk.store.size, 0);
  const reader = untold.incoming.body?.reader();
  reader?.read();
  t.ok(untold.drains() > 0);
});

t.test('the room for it is given back', async (t) => {
  const { desk, incoming, take } = stage();
  take([...FRESH, 'Content-Length', '1000']);
  t.equal(desk.store.bytes, 1000);
  incoming.close();
  t.equal(desk.store.bytes, 0);
});

t.test('with something behind its body, or a change meanwhile, it is not kept', async (t) => {
  const behind = stage();
  behind.take(FRESH);
  behind.incoming.end(false);
  t.equal(behind.desk.store.size, 0);
  const changed = stage();
  changed.take(FRESH);
  changed.desk.invalidate(URL, { status: 200, headers: [] });
  t.equal(changed.isJoinable(), false);
  changed.incoming.end(true);
  t.equal(changed.desk.store.size, 0);
});

t.test('another answer takes the old one away, unless the next hop fails', async (t) => {
  const kept = entry(['ETag', '"a"']);
  const other = stage({ kept });
  other.take(['Cache-Control', 'no-store']);
  t.equal(other.desk.store.size, 0);
  const failing = stage({ kept });
  failing.take([], 503);
  t.equal(failing.desk.store.size, 1);
});

t.test('confirm() renews what is kept', async (t) => {
  const kept = entry(['ETag', '"a"', ...FRESH]);
  const { desk, incoming } = stage({ kept });
  const renewed = incoming.confirm(['ETag', '"a"', 'X', '1', 'Date', 'e'], NOW + 5000);
  t.match(renewed, { requestMs: NOW, answerMs: NOW + 5000 });
  t.equal(desk.store.find(URL, 'rule route', []).entry, renewed);
  incoming.end(true);
  t.equal(desk.store.size, 1);
});

t.test('confirm() of something else takes it away', async (t) => {
  const { desk, incoming } = stage({ kept: entry(['ETag', '"a"']) });
  t.equal(incoming.confirm(['ETag', '"b"'], NOW), undefined);
  t.equal(desk.store.size, 0);
});

t.test('confirm() keeps nothing that may not be kept any more', async (t) => {
  const forbidden = stage({ kept: entry(['ETag', '"a"']) });
  t.ok(forbidden.incoming.confirm(['ETag', '"a"', 'Cache-Control', 'no-store'], NOW));
  t.equal(forbidden.desk.store.size, 0);
  const changed = stage({ kept: entry(['ETag', '"a"']) });
  changed.incoming.spoil();
  t.ok(changed.incoming.confirm(['ETag', '"a"'], NOW));
  t.equal(changed.desk.store.size, 0);
});

type Stage = ReturnType<typeof stage>;

/** What is noted after a head that may be kept, and what comes then. */
const ENDINGS: Readonly<Record<string, (stage: Stage) => void>> = {
  incomplete: ({ incoming }) => incoming.fail(new Error('broken off')),
  trailers: ({ incoming }) => incoming.end(false),
  changed({ incoming }) {
    incoming.spoil();
    incoming.end(true);
  },
  'too-large'({ incoming }) {
    incoming.body?.push(Buffer.alloc(2 * KIB));
    incoming.end(true);
  },
};

for (const [why, play] of Object.entries(ENDINGS)) {
  t.test(`why an answer is not kept is noted: ${why}`, async (t) => {
    const played = stage({ maxObject: KIB });
    played.take(FRESH);
    play(played);
    t.match(played.desk.notes.of(URL), { why, status: 200 });
    t.equal(played.desk.store.size, 0);
  });
}

t.test('what is noted of a head is gone when something is kept', async (t) => {
  const { desk, take, incoming } = stage();
  take(['Cache-Control', 'no-store'], 404);
  t.match(desk.notes.of(URL), { why: 'no-store', status: 404, atMs: NOW + 1000 });
  take(FRESH);
  incoming.end(true);
  t.equal(desk.notes.of(URL), undefined);
});

t.test('a 304 that comes too late, and a failure before any head', async (t) => {
  const { desk, incoming } = stage({ kept: entry([...FRESH, 'ETag', '"a"']) });
  incoming.fail(new Error('nothing has come'));
  t.equal(desk.notes.of(URL), undefined);
  incoming.spoil();
  incoming.confirm(FRESH, NOW);
  t.match(desk.notes.of(URL), { why: 'changed' });
});
