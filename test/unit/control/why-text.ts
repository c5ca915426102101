import t from 'tap';
import type { KeptView, NextAct, NextView } from '#cache/question.ts';
import type { ProcessView, WhyResult } from '#control/protocol.ts';
import { WHY_NOT } from '#control/reason-text.ts';
import { whyText } from '#control/why-text.ts';
import { projectFile } from '../../fixtures/promises.ts';

const NOW = Date.UTC(2026, 10, 29, 1, 0, 0);
const KEPT: KeptView = {
  partition: 'packages out',
  status: 200,
  bodyBytes: 1536,
  isOnDisk: false,
  varies: [],
  isChosen: true,
  storedMs: NOW - 600_000,
  ageMs: 600_000,
  lifetimeMs: 3_600_000,
  lifetimeBy: 'max-age',
  validators: ['ETag'],
  staleWhileRevalidateMs: undefined,
  staleIfErrorMs: undefined,
  silenceMs: 86_400_000,
  strictBy: undefined,
  isInForce: true,
};

function textOf(processes: readonly ProcessView[], facts: Partial<WhyResult> = {}): string {
  return whyText({
    act: 'why',
    url: 'http://deb.debian.org/x',
    method: 'GET',
    time: new Date(NOW).toISOString(),
    complete: processes.every(({ kept }) => kept !== undefined),
    rules: { caching: ['packages'], possible: ['packages'], others: [] },
    processes,
    ...facts,
  });
}

function process(pid: number, kept: readonly KeptView[], next: readonly NextView[] = []): ProcessView {
  return { pid, kept, next, isUnderWay: false, note: undefined };
}

t.test('what is on disk alone says so', async (t) => {
  t.match(textOf([process(7, [{ ...KEPT, isOnDisk: true }])]), '\n200, 1.5 KiB on disk, for rule packages');
});

t.test(
  'what is kept is told with whose it is, how long it is good, and what would become of a request',
  async (t) => {
    const next = [{ partition: 'packages out', act: 'hit' }] as const;
    t.equal(
      textOf([process(7, [KEPT], next)]),
      `http://deb.debian.org/x
1 answer is kept.

200, 1.5 KiB, for rule packages, route out
  stored 2026-11-29T00:50:00Z, 10 min ago; its age is 10 min
  fresh for 1 h by max-age (section 5.2.2.1), until 2026-11-29T01:50:00Z: 50 min left
  can be asked about by ETag
  used 1 d over its time where the next hop does not answer (section 4.2.4)

A GET now by rule packages, route out is a hit: it is fresh, and given at once (RFC 9111 section 4)
`,
    );
  },
);

t.test('what is over its time is told with what it may be used for all the same', async (t) => {
  const old = {
    ...KEPT,
    partition: 'packages out ["api",null]',
    lifetimeMs: 60_000,
    lifetimeBy: 'guess',
    validators: [],
    varies: ['accept', 'accept-language'],
    isChosen: false,
    staleWhileRevalidateMs: 30_000,
    staleIfErrorMs: 86_400_000,
  } as const;
  const text = textOf([process(7, [old])]);
  t.match(text, 'for clients of whom the next hop is told ["api",null]\n');
  t.match(text, '  varies by accept, accept-language, which this request would not have chosen\n');
  t.match(text, 'stale since 2026-11-29T00:51:00Z: 9 min over its 1 min as guessed from Last-Modified');
  t.match(text, '  can be asked about by nothing\n');
  t.match(text, 'used 30 s over its time while it is asked about (stale-while-revalidate)\n');
  t.match(text, 'used 1 d over its time where the next hop fails (stale-if-error)\n');
  t.match(
    textOf([process(7, [{ ...old, silenceMs: undefined, strictBy: 'must-revalidate' }])]),
    /never used over its time: must-revalidate\n\n$/,
  );
});

t.test('processes that say the same are told of together, and who does not answer', async (t) => {
  const text = textOf([process(7, [KEPT]), { pid: 8 }, process(9, [KEPT])]);
  t.match(text, '2 answers are kept, in 3 processes.\nNot every process has answered: there may be more.\n');
  t.match(text, 'Processes 7, 9\n  200, 1.5 KiB');
  t.match(text, 'Process 8\n  does not answer\n');
});

t.test('where nothing is kept it says why, as far as that is known', async (t) => {
  const none = process(7, []);
  const note = { why: 'no-store', status: 200, atMs: NOW - 12_000 };
  t.match(
    textOf([{ ...none, note, isUnderWay: true }]),
    'Nothing is kept.\n\nLast seen 12 s ago: an answer 200 was not kept, since it says no-store (section 5.2.2.5)\nIt is being fetched just now.\n',
  );
  t.match(
    textOf([{ ...none, note: { ...note, why: 'purged', status: undefined } }]),
    'ago: taken out, since it was purged by hand\n',
  );
  t.match(textOf([{ ...none, note: { ...note, why: 'a-new-word' } }]), 'since a-new-word\n');
  t.match(textOf([none]), /Nobody has asked for it since the start, .*\nIt is kept .* by rule packages: /);
  t.match(
    textOf([none], { rules: { caching: ['packages'], possible: [], others: [] } }),
    'No rule with "cache: true" can allow it (packages): see weir explain.\n',
  );
  t.match(
    textOf([none], { rules: { caching: [], possible: [], others: [] } }),
    'No rule in force has "cache: true"',
  );
});

t.test('that all of its host was purged is told, with when, whatever else is', async (t) => {
  const none = { ...process(7, []), hostPurge: { host: 'deb.debian.org', atMs: NOW - 180_000 } };
  const purged =
    'All of deb.debian.org was purged by hand at 2026-11-29T00:57:00Z, 3 min ago: nothing kept of it until then is used any more.\n';
  t.match(
    textOf([none]),
    `Nothing is kept.\n\n${purged}Nobody has asked for it since then, or what was kept has made room for others.\n`,
  );
  const note = { why: 'no-store', status: 200, atMs: NOW - 12_000 };
  t.match(textOf([{ ...none, note }]), `${purged}Last seen 12 s ago: an answer 200 was not kept`);
  const again = textOf([{ ...none, kept: [KEPT] }]);
  t.match(again, `does not answer (section 4.2.4)\n${purged}`);
  t.notMatch(again, 'Nobody has asked');
});

const WORDS: Readonly<Record<NextAct, RegExp>> = {
  hit: /is a hit/,
  stale: /is served stale/,
  refresh: /is served stale.*meanwhile/,
  revalidate: /is revalidated.*still good/,
  reload: /is revalidated.*of now/,
  replace: /is a miss.*no ETag/,
  'vary-miss': /is a miss.*--header/,
  'uri-miss': /is a miss/,
  refuse: /is answered 504 not_cached/,
  bypass: /is a bypass/,
  invalidate: /is a bypass.*taken out/,
  uncached: /goes to the next hop without the cache/,
  denied: /is refused: no rule/,
};

for (const [act, words] of Object.entries(WORDS)) {
  t.test(`what would become of a request: ${act}`, async (t) => {
    const next = [{ partition: undefined, act: act as NextAct }];
    t.match(textOf([process(7, [], next), process(8, [], next)]), words);
    t.equal(textOf([process(7, [], next), process(8, [], next)]).match(/A GET now/g)?.length, 1);
  });
}

t.test('what is kept by a rule or a route that is no more is given to nobody', async (t) => {
  const next = [
    { partition: 'packages out', act: 'hit' },
    { partition: undefined, rules: ['mirrors', 'others'], act: 'uri-miss' },
  ] as const;
  const text = textOf([process(7, [KEPT, { ...KEPT, partition: 'gone out', isInForce: false }], next)]);
  t.match(text, /rule gone, route out\n {2}stored .*\n {2}given to nobody: in the policy in force/);
  t.equal(text.match(/given to nobody/g)?.length, 1);
  t.match(text, 'A GET now by rule mirrors or others is a miss: the next hop is asked');
});

t.test('what is used where the next hop does not answer is told, with until when', async (t) => {
  const spare = { untilMs: NOW + 60_000, onError: false };
  const next = { partition: 'packages out', act: 'replace' } as const;
  const until = 'what is kept is served stale until 2026-11-29T01:01:00Z (RFC 9111 section 4.2.4)\n';
  t.match(
    textOf([process(7, [KEPT], [{ ...next, spare }])]),
    `is a miss: it is over its time, and has no ETag or Last-Modified to ask about it by (RFC 9111 section 4.2.4)\nIf the next hop does not answer, ${until}`,
  );
  t.match(
    textOf([process(7, [KEPT], [{ ...next, spare: { ...spare, onError: true } }])]),
    `If the next hop does not answer, or fails, ${until}`,
  );
  t.notMatch(textOf([process(7, [KEPT], [next])]), 'If the next hop');
});

t.test('every word of who decides what is kept has its sentence', async (t) => {
  const words = [...projectFile('src/cache/storable.ts').matchAll(/(?:return|\?|:) '([a-z-]+)'/g)];
  t.ok(words.length > 8);
  for (const [, word = ''] of words) t.ok(WHY_NOT[word], word);
});

t.test('names that an origin wrote are no commands to a terminal', async (t) => {
  const text = textOf([{ pid: 1, kept: [{ ...KEPT, varies: ['a\u009b31m'] }], isUnderWay: false, next: [] }]);
  t.match(text, '  varies by a?31m\n');
});
