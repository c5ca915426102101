import t from 'tap';
import type { Change, ReplayResult } from '#study/replay.ts';
import { replayJson, replayText } from '#study/replay-text.ts';

const SEEN = { firstMs: Date.UTC(2026, 10, 23, 2), lastMs: Date.UTC(2026, 10, 24, 2) };
const REQUEST = {
  client: '10.128.0.7',
  method: 'CONNECT',
  host: '2001:db8::1',
  port: 443,
  wasBy: 'old',
  count: 1200,
  ...SEEN,
};
const CHANGE: Change = {
  from: 'allow',
  to: 'deny',
  rule: 'strict',
  count: 1207,
  ...SEEN,
  hosts: { rows: [{ name: '[2001:db8::1]:443', count: 1207, ...SEEN }], notListed: 0 },
  clients: { rows: [{ name: '10.128.0.7', count: 1207, ...SEEN }], notListed: 0 },
  requests: {
    rows: [
      REQUEST,
      { ...REQUEST, host: 'a.example', wasBy: 'TCP\u001b[2J', count: 4 },
      { ...REQUEST, count: 2 },
    ],
    notListed: 1,
  },
};
const RESULT: ReplayResult = {
  policy: 'abc',
  lines: 20_000,
  judged: 19_000,
  changed: 1207,
  otherRule: 3,
  changes: [CHANGE],
  notJudged: [{ why: 'the log has no value for dst', count: 999 }],
  broken: 1,
};

t.test('replayText() tells of a single line', async (t) => {
  t.match(replayText({ ...RESULT, lines: 1, judged: 1 }, 2), /^1 line, 1 judged by policy abc\n/);
});

t.test('replayText() tells all counts, and the most frequent requests', async (t) => {
  t.equal(
    replayText(RESULT, 2),
    `20,000 lines, 19,000 judged by policy abc
1,207 would change, 17,793 would not, 3 of them decided by another rule
999 not judged: the log has no value for dst
1 broken

Would be denied, was allowed, by rule strict: 1,207, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
  hosts
    [2001:db8::1]:443: 1,207, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
  clients
    10.128.0.7: 1,207, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
  requests
    10.128.0.7 CONNECT [2001:db8::1]:443, was old: 1,200, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
    10.128.0.7 CONNECT a.example:443, was TCP?[2J: 4, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
    and 1 more, seen 2 times; --top shows more
    and others, seen 1 times, that there was no room to tell apart
`,
  );
});

t.test('replayText() says nothing of what is not there', async (t) => {
  const calm = { ...RESULT, changed: 0, otherRule: 0, changes: [], notJudged: [], broken: 0 };
  t.equal(
    replayText(calm, 2),
    '20,000 lines, 19,000 judged by policy abc\n0 would change, 19,000 would not\n',
  );
});

t.test('replayText() has words for a change without a rule', async (t) => {
  const of = (change: Partial<Change>): string =>
    replayText({ ...RESULT, changes: [{ ...CHANGE, rule: undefined, ...change }] }, 0);
  t.match(of({}), /Would be denied, was allowed, for want of a rule that allows it: /);
  t.match(of({ from: 'deny', to: 'allow' }), /Would be allowed, was denied, by one of several rules: /);
});

t.test('replayJson() has everything, with times that programs read', async (t) => {
  const json = JSON.parse(
    JSON.stringify(replayJson({ ...RESULT, changes: [{ ...CHANGE, rule: undefined }] })),
  );
  t.match(json, { policy: 'abc', lines: 20_000, notJudged: RESULT.notJudged, broken: 1 });
  t.match(json.changes[0], {
    from: 'allow',
    to: 'deny',
    rule: null,
    count: 1207,
    requests: { notListed: 1 },
  });
  t.equal(json.changes[0].requests.rows.length, 3);
  t.same(json.changes[0].requests.rows[0], {
    client: '10.128.0.7',
    method: 'CONNECT',
    host: '2001:db8::1',
    port: 443,
    wasBy: 'old',
    count: 1200,
    first: '2026-11-23T02:00:00.000Z',
    last: '2026-11-24T02:00:00.000Z',
  });
});
