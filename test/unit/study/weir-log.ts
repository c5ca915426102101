import t from 'tap';
import { renderJson } from '#record/render-json.ts';
import { readWeirLine } from '#study/weir-log.ts';
import { fullRecord } from '../../fixtures/records.ts';

const END = {
  time: '2026-11-23T02:00:10.000Z',
  event: 'end',
  listener: 'main',
  client_ip: '10.128.0.7',
  method: 'CONNECT',
  target: 'a.example:443',
  outcome: 'completed',
  status: 200,
  rule: 'microsoft-login',
  upstream_ip: '192.0.2.7',
  duration_ms: 9000.5,
};

const read = (change: object) => readWeirLine(JSON.stringify({ ...END, ...change }));

t.test('readWeirLine() reads a record as it is rendered', async (t) => {
  t.match(readWeirLine(renderJson(fullRecord({ url: undefined, durationMs: 7 }))), {
    kind: 'decided',
    question: {
      ip: '10.128.0.7',
      listener: 'microsoft',
      method: 'CONNECT',
      target: 'login.microsoft.com:443',
      at: Date.UTC(2026, 10, 23, 2, 0, 1),
    },
    verdict: 'allow',
    by: 'microsoft-login',
    rule: 'microsoft-login',
    address: undefined,
  });
});

t.test('readWeirLine() asks when the transaction began, and by its URL where it has one', async (t) => {
  t.match(read({}), { question: { at: Date.UTC(2026, 10, 23, 2, 0, 0, 999) }, address: '192.0.2.7' });
  t.match(read({ duration_ms: undefined }), { question: { at: Date.UTC(2026, 10, 23, 2, 0, 10) } });
  t.match(read({ method: 'GET', url: 'http://a.example/?[redacted]' }), {
    question: { method: 'GET', target: 'http://a.example/?[redacted]' },
  });
});

t.test('readWeirLine() takes over who asked', async (t) => {
  const who = { namespace: 'api', service_account: 'robot', user: 'ada' };
  t.match(read(who), { question: { namespace: 'api', serviceAccount: 'robot', user: 'ada' } });
  t.match(read({ sni: 'a.example' }), { question: { sni: 'a.example' } });
});

t.test('readWeirLine() takes no name that cannot be one', async (t) => {
  for (const name of ['x'.repeat(254), 'a\u009b31m', 'A', '', 'a b', 'a\n']) {
    t.match(read({ namespace: name }), { question: { namespace: undefined } });
    t.match(read({ rule: name, reason: 'rule_denied' }), { by: 'no rule', rule: undefined });
    t.match(read({ rule: name }), { kind: 'undecided', why: 'ended before a decision' });
  }
  const longest = `a_b.c-${'9'.repeat(247)}`;
  t.match(read({ namespace: longest, rule: longest }), {
    by: longest,
    rule: longest,
    question: { namespace: longest },
  });
});

t.test('readWeirLine() leaves the address of a peer alone', async (t) => {
  t.match(read({ peer: 'vm-a' }), { address: undefined });
});

t.test('readWeirLine() tells what was decided', async (t) => {
  const rows: readonly [string, object, object][] = [
    [
      'a rule denied',
      { outcome: 'denied', reason: 'rule_denied', rule: 'no' },
      { verdict: 'deny', by: 'no' },
    ],
    [
      'no rule allowed',
      { outcome: 'denied', reason: 'no_rule_matched', rule: undefined },
      { verdict: 'deny', by: 'no rule', rule: undefined },
    ],
    ['the peer refused what we allowed', { outcome: 'denied', reason: 'peer_refused' }, { verdict: 'allow' }],
    ['it failed later', { outcome: 'failed', reason: 'connection_refused' }, { verdict: 'allow' }],
    ['a reason that objects have', { reason: 'constructor', outcome: 'denied' }, { verdict: 'deny' }],
    ['a reason of a later version', { outcome: 'denied', reason: 'moon_phase' }, { verdict: 'deny' }],
    [
      'the guard refused',
      { outcome: 'denied', reason: 'address_prohibited' },
      { kind: 'undecided', why: 'refused by the guard, for its Upgrade or its ClientHello' },
    ],
    ['it never came to a rule', { rule: undefined }, { kind: 'undecided', why: 'ended before a decision' }],
    [
      'there is no method',
      { method: undefined },
      { kind: 'undecided', why: 'request that could not be read' },
    ],
    ['there is no target', { target: undefined }, { kind: 'undecided' }],
  ];
  for (const [what, change, expected] of rows) t.match(read(change), expected, what);
});

t.test('readWeirLine() reads reports as list and as text', async (t) => {
  t.match(read({ reports: ['new', 1, 'newer'] }), { reports: ['new', 'newer'] });
  t.match(read({ reports: 'new,newer' }), { reports: ['new', 'newer'] });
  t.same(Object(read({})).reports, []);
});

t.test('readWeirLine() tells other lines from broken ones', async (t) => {
  t.match(read({ event: 'open' }), { kind: 'undecided', why: 'record of a tunnel under way' });
  t.match(read({ event: 'update' }), { kind: 'undecided' });
  t.match(readWeirLine('{"level":"info","msg":"Serving"}'), {
    kind: 'undecided',
    why: 'JSON that is no access record',
  });
  t.match(readWeirLine('{"time":"2026-'), { kind: 'broken', why: 'it is no JSON' });
  t.match(read({ client_ip: 7 }), { kind: 'broken', why: 'it has no client_ip' });
  t.match(read({ time: 'yesterday' }), { kind: 'broken', why: 'its time cannot be read' });
  t.match(read({ time: undefined }), { kind: 'broken' });
  t.match(read({ duration_ms: 1e300 }), { kind: 'broken', why: 'its time cannot be read' });
  t.match(read({ time: '+275760-09-13T00:00:00.000Z' }), { kind: 'broken' });
});
