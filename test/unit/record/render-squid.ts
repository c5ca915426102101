import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { REASONS, type Reason } from '#errors.ts';
import type { RecordEntry } from '#record/entry.ts';
import { renderJson } from '#record/render-json.ts';
import { renderSquid } from '#record/render-squid.ts';
import { type LogLine, undecided } from '#study/log-entry.ts';
import { readLine } from '#study/read-line.ts';
import { fullRecord, sparseRecord } from '../../fixtures/records.ts';

t.test("renderSquid() writes a tunnel as Squid's native line", async (t) => {
  t.equal(
    renderSquid(fullRecord({ url: undefined })),
    '1795399201.007 900013 10.128.0.7 TCP_TUNNEL/200 52311 CONNECT login.microsoft.com:443 alice FIRSTUP_PARENT/10.132.0.4 -',
  );
});

t.test('renderSquid() writes a refused request', async (t) => {
  const refused = sparseRecord({
    method: 'GET',
    url: 'http://[2001:db8::1]/?[redacted]',
    host: '2001:db8::1',
    port: 80,
    reason: 'no_rule_matched',
    outcome: 'denied',
    status: 403,
    durationMs: 0.412,
    bytesToClient: 388,
  });
  t.equal(
    renderSquid(refused),
    '1795399201.007      1 10.128.0.7 TCP_DENIED/403 388 GET http://[2001:db8::1]/?[redacted] - HIER_NONE/- -',
  );
});

t.test('renderSquid() has one line for each transaction', async (t) => {
  for (const event of ['open', 'update'] as const) t.equal(renderSquid(fullRecord({ event })), '');
});

t.test('renderSquid() says how it went', async (t) => {
  const allowed = { rule: 'a', method: 'GET', reason: undefined, cache: undefined };
  const rows: readonly [Partial<RecordEntry>, string][] = [
    [allowed, 'TCP_MISS/200'],
    [{ ...allowed, outcome: 'client_gone', reason: 'client_gone', status: 0 }, 'TCP_MISS_ABORTED/000'],
    [{ ...allowed, cache: 'hit' }, 'TCP_MEM_HIT/200'],
    [{ ...allowed, cache: 'stale' }, 'TCP_OFFLINE_HIT/200'],
    [{ ...allowed, cache: 'revalidated' }, 'TCP_REFRESH_UNMODIFIED/200'],
    [{ ...allowed, cache: 'miss' }, 'TCP_MISS/200'],
    [{ ...allowed, cache: 'bypass' }, 'TCP_MISS/200'],
    [{ ...allowed, reason: 'dns_error', status: 502 }, 'TCP_MISS/502'],
    [{ ...allowed, reason: 'address_prohibited', status: 403 }, 'NONE_NONE/403'],
    [{ ...allowed, rule: undefined, reason: 'no_route', status: 500 }, 'NONE_NONE/500'],
    [{ ...allowed, reason: 'rule_denied', status: 403 }, 'TCP_DENIED/403'],
  ];
  for (const [fields, result] of rows) t.equal(renderSquid(fullRecord(fields)).split(/ +/)[3], result);
});

t.test('renderSquid() says which way it went', async (t) => {
  const rows: readonly [Partial<RecordEntry>, string][] = [
    [{ peer: undefined, upstreamIp: '192.0.2.1' }, 'HIER_DIRECT/192.0.2.1'],
    [{ peer: undefined, upstreamIp: undefined }, 'HIER_NONE/-'],
    [{ peer: 'vm-a', upstreamIp: undefined }, 'FIRSTUP_PARENT/vm-a'],
  ];
  for (const [fields, way] of rows) t.equal(renderSquid(fullRecord(fields)).split(/ +/)[8], way);
});

t.test('renderSquid() tells a head that could not be read', async (t) => {
  t.match(
    renderSquid(sparseRecord({ status: 400 })),
    / NONE_NONE\/400 \d+ NONE error:invalid-request - HIER_NONE/,
  );
  t.match(renderSquid(sparseRecord({ method: 'GET', host: 'a' })), / GET error:invalid-request - /);
  t.match(renderSquid(sparseRecord({ durationMs: Number.NaN })), /^\S+ {6}0 10/);
});

t.test('renderSquid() never takes a user for none, nor none for a user', async (t) => {
  for (const [user, field] of [
    ['-', '%2D'],
    ['', '-'],
    [undefined, '-'],
    ['ada lovelace', 'ada%20lovelace'],
  ] as const) {
    t.equal(renderSquid(fullRecord({ user })).split(/ +/)[7], field);
  }
});

// Attacks: bounded.
t.test('renderSquid() cuts what is too long', async (t) => {
  const long = 'x'.repeat(5000);
  const fields = renderSquid(fullRecord({ method: long, url: long, user: long })).split(/ +/);
  t.equal(fields[5], `${'x'.repeat(512)}%E2%80%A6`);
  t.equal(fields[6], `${'x'.repeat(2048)}%E2%80%A6`);
  t.equal(fields[7], `${'x'.repeat(512)}%E2%80%A6`);
});

// Attacks: recorded-once.
t.test('renderSquid() makes one line of ten fields of whatever a client says', async (t) => {
  const hostile = fc.string({ unit: 'binary', maxLength: 100 });
  const fields = fc.record({ method: hostile, url: hostile, user: hostile });
  const check = (said: Partial<RecordEntry>): void => {
    const line = renderSquid(fullRecord(said));
    assert.match(line, /^[ -~]+$/);
    assert.equal(line.trimStart().split(/ +/).length, 10);
  };
  fc.assert(fc.property(fields, check), { seed: 7 });
  t.pass('for what fast-check made up');
});

/** What the native line has a place for; all ways of having no decision are one. */
function held(line: LogLine | undefined): unknown {
  if (line?.kind !== 'decided') return line?.kind === 'undecided' ? undecided('') : line;
  const { ip, method, target, at, user } = line.question;
  return { ip, method, target, at, user, verdict: line.verdict, address: line.address };
}

const WORD = fc.stringMatching(/^[!-,.-~][!-~]{0,40}$/);
const TUNNEL = fc.record({
  method: fc.constant('CONNECT'),
  url: fc.constant(undefined),
  host: fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().filter((ip) => !ip.includes('.')),
  ),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const REQUEST = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PROPFIND'),
  url: WORD.map((path) => `http://a.example/${path}`),
});
const ANYTHING = fc.record({
  timeMs: fc.integer({ min: Date.UTC(2001, 9, 9), max: Date.UTC(2100, 0) }),
  clientIp: fc.oneof(fc.ipV4(), fc.ipV6()),
  user: fc.option(WORD, { nil: undefined }),
  rule: fc.constantFrom('a', undefined),
  reason: fc.constantFrom(undefined, ...(Object.keys(REASONS) as Reason[])),
  status: fc.constantFrom(0, 200, 403, 407, 502),
  peer: fc.constantFrom('vm-a', undefined),
  upstreamIp: fc.option(fc.ipV4(), { nil: undefined }),
  durationMs: fc.double({ min: 0, max: 1e8, noNaN: true }),
});

t.test(
  "readLine() finds the same in Squid's line as in Weir's, as far as the line can hold it",
  async (t) => {
    const seen = new Set<string | undefined>();
    const check = (fields: Partial<RecordEntry>, request: Partial<RecordEntry>): void => {
      const outcome = fields.reason === undefined ? 'completed' : REASONS[fields.reason].outcome;
      const entry = fullRecord({ ...fields, ...request, outcome });
      const read = readLine(renderSquid(entry));
      seen.add(read?.kind);
      assert.deepEqual(held(read), held(readLine(renderJson(entry))));
    };
    fc.assert(fc.property(ANYTHING, fc.oneof(TUNNEL, REQUEST), check), { seed: 11, numRuns: 2000 });
    t.same([...seen].sort(), ['decided', 'undecided'], 'and no line is broken');
  },
);
