import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { renderJson } from '#record/render-json.ts';
import { fullRecord, sparseRecord } from '../../fixtures/records.ts';

const parsed = (entry: RecordEntry): Record<string, unknown> => JSON.parse(renderJson(entry));

t.test('renderJson() writes every field, in the documented order', async (t) => {
  t.equal(
    renderJson(fullRecord()),
    '{"time":"2026-11-23T02:00:01.007Z","event":"end","hop":"t1","listener":"microsoft"' +
      ',"transaction_id":"01kbq3v8x7m2c4n6p8r0t2v4w6","client_ip":"10.128.0.7","client_port":49152' +
      ',"namespace":"api","pod":"api-0","pod_uid":"u1","service_account":"builder","asserted_ip":"10.129.3.7"' +
      ',"user":"alice","method":"CONNECT","target":"login.microsoft.com:443","host":"login.microsoft.com","port":443' +
      ',"url":"http://login.microsoft.com/path?[redacted]","outcome":"completed","reason":"idle_timeout"' +
      ',"status":200,"error":"http_request_denied","rule":"microsoft-login","reports":["pilot","pilot-2"],"policy":"5f2b9c1d","route":"out"' +
      ',"peer":"vm-a","upstream_ip":"10.132.0.4","dns_answers":["10.132.0.4","10.0.0.1"],"dns_refused":["10.0.0.1 (private use, RFC 1918)"]' +
      ',"bytes_from_client":1834,"bytes_to_client":52311' +
      ',"duration_ms":900012.25,"dns_ms":1.5,"connect_ms":2.25,"first_byte_ms":12.125' +
      ',"peer_dns_ms":0.5,"peer_connect_ms":1.75' +
      ',"sni":"login.microsoft.com","alpn":"h2,http/1.1","cache":"hit","closed_by":"proxy"' +
      ',"detail":"No byte passed for 15m"}',
  );
});

t.test('renderJson() leaves out what is undefined', async (t) => {
  t.same(Object.keys(parsed(sparseRecord())), [
    'time',
    'event',
    'hop',
    'listener',
    'transaction_id',
    'client_ip',
    'client_port',
    'status',
    'policy',
    'bytes_from_client',
    'bytes_to_client',
    'duration_ms',
  ]);
});

/** Another value of each field that lines share with others, and what else it changes. */
const CHANGES: readonly [field: keyof RecordEntry, value: string | number, more?: object][] = [
  ['event', 'update'],
  ['hop', 't2'],
  ['listener', 'listen-on'],
  ['method', 'OPTIONS'],
  ['host', 'b.example', { target: 'b.example:443' }],
  ['port', 80, { target: 'login.microsoft.com:80' }],
  ['outcome', 'fail'],
  ['reason', 'dns_error'],
  ['status', 264],
  ['error', 'dns_error'],
  ['rule', 'another-one-x'],
  ['policy', '00000000'],
  ['route', 'two'],
  ['peer', 'vm-b'],
];

const TARGETS: Readonly<Record<string, readonly [Partial<RecordEntry>, target: string | undefined]>> = {
  'a name': [{ host: 'example.com', port: 443 }, 'example.com:443'],
  'an IPv4 address': [{ host: '192.0.2.1', port: 80 }, '192.0.2.1:80'],
  'an IPv6 address': [{ host: '2001:db8::1', port: 443 }, '[2001:db8::1]:443'],
  'a host that is none': [{ host: 'a"\\\u001b', port: 80 }, 'a"\\\u001b:80'],
  'a host alone': [{ host: 'example.com' }, undefined],
  'a port alone': [{ port: 80 }, undefined],
};

for (const [title, [fields, target]] of Object.entries(TARGETS)) {
  t.test(`renderJson() makes the target of ${title}`, async (t) => {
    const { target: found, host, port } = parsed(sparseRecord(fields));
    t.same({ found, host, port }, { found: target, host: fields.host, port: fields.port });
  });
}

t.test('renderJson() writes each field anew, whatever the record before had', async (t) => {
  const before = renderJson(fullRecord());
  const whole = parsed(fullRecord());
  for (const [field, value, more] of CHANGES) {
    t.same(parsed(fullRecord({ [field]: value })), { ...whole, [field]: value, ...more }, field);
    t.equal(renderJson(fullRecord()), before, 'and as before');
  }
});

t.test('renderJson() writes the time of each record, whatever came before', async (t) => {
  for (const text of [
    '2026-11-23T02:00:01.000Z',
    '2026-11-23T02:00:01.010Z',
    '2026-11-23T02:00:01.999Z',
    '2026-11-23T02:00:02.000Z',
    '2026-11-23T02:00:01.500Z',
    '2028-02-29T23:59:59.123Z',
  ]) {
    t.equal(parsed(sparseRecord({ timeMs: Date.parse(text) })).time, text);
  }
});

t.test('renderJson() rounds durations to microseconds', async (t) => {
  const { duration_ms, dns_ms, connect_ms, first_byte_ms } = parsed(
    sparseRecord({ durationMs: 1.23456, dnsMs: 0.0004, connectMs: 7, firstByteMs: 99.9999 }),
  );
  t.same([duration_ms, dns_ms, connect_ms, first_byte_ms], [1.235, 0, 7, 100]);
});

t.test('renderJson() stays JSON where a duration is no number', async (t) => {
  t.equal(parsed(sparseRecord({ durationMs: Number.NaN })).duration_ms, null);
});

const HOSTILE: Readonly<Record<string, string>> = {
  'a newline': 'a\r\n{"event":"end"}',
  'a quote and a backslash': 'a"b\\',
  'a terminal escape': '\u001b[2J\u009b31m',
  DEL: 'a\u007f',
  'a line separator': 'a\u2028b',
  'text that turns around': 'a\u202eb',
  'a lone surrogate': '\ud800',
  NUL: 'a\0b',
};

for (const [title, text] of Object.entries(HOSTILE)) {
  t.test(`renderJson() carries ${title} without harm`, async (t) => {
    const fields = { host: text, method: text, url: text, detail: text, error: text, transactionId: text };
    const line = renderJson(sparseRecord(fields));
    t.match(line, /^[ -~]+$/, 'printable ASCII');
    const { host, method, url, detail, error, transaction_id } = JSON.parse(line);
    t.strictSame(
      { host, method, url, detail, error, transactionId: transaction_id },
      { ...fields },
      'and says the same',
    );
  });
}

// Attacks: recorded-once.
t.test('renderJson() round-trips any string on one line', async (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 500 });
  fc.assert(
    fc.property(fc.record({ host: text, url: text, method: text, detail: text }), (fields) => {
      const line = renderJson(sparseRecord(fields));
      const { host, url, method, detail } = JSON.parse(line);
      assert.match(line, /^[ -~]+$/);
      assert.deepEqual({ host, url, method, detail }, { ...fields });
    }),
    { seed: 20_261_129 },
  );
  t.pass('for what fast-check made up');
});

// Attacks: bounded.
t.test('renderJson() cuts what is too long', async (t) => {
  const long = 'x'.repeat(5_000);
  const { url, host, detail } = parsed(sparseRecord({ url: long, host: long, detail: long }));
  t.equal(url, `${'x'.repeat(2_048)}…`);
  t.equal(host, `${'x'.repeat(512)}…`);
  t.equal(detail, `${'x'.repeat(512)}…`);
  const { url: exact } = parsed(sparseRecord({ url: 'x'.repeat(2_048) }));
  t.equal(exact, 'x'.repeat(2_048));
});
