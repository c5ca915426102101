import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { REASONS, type Reason } from '#errors.ts';
import type { RecordEntry } from '#record/entry.ts';
import { renderEcs } from '#record/render-ecs.ts';
import { ECS, ecsComplaints } from '../../fixtures/ecs.ts';
import { fullRecord, sparseRecord } from '../../fixtures/records.ts';

const parsed = (entry: RecordEntry): Record<string, unknown> => JSON.parse(renderEcs(entry));

/** What the whole record is in ECS, where no peer was used. */
const DIRECT = {
  '@timestamp': '2026-11-23T02:00:01.007Z',
  'ecs.version': ECS.version,
  'event.kind': 'event',
  'event.category': ['network'],
  'event.module': 'weir',
  'event.dataset': 'weir.access',
  'observer.product': 'weir',
  'observer.type': 'proxy',
  'event.id': 't1/end/1795399201007/49152/01kbq3v8x7m2c4n6p8r0t2v4w6',
  'event.action': 'end',
  'event.type': ['allowed', 'connection', 'end'],
  'event.outcome': 'success',
  'event.reason': 'idle_timeout',
  'event.duration': 900_012_250_000,
  'observer.name': 't1',
  'transaction.id': '01kbq3v8x7m2c4n6p8r0t2v4w6',
  'source.ip': '10.128.0.7',
  'source.port': 49_152,
  'source.bytes': 1834,
  'client.ip': '10.129.3.7',
  'orchestrator.type': 'kubernetes',
  'orchestrator.namespace': 'api',
  'orchestrator.resource.type': 'pod',
  'orchestrator.resource.name': 'api-0',
  'orchestrator.resource.id': 'u1',
  'user.name': 'alice',
  'http.request.method': 'CONNECT',
  'http.response.status_code': 200,
  'destination.address': 'login.microsoft.com',
  'destination.domain': 'login.microsoft.com',
  'destination.port': 443,
  'destination.ip': '10.132.0.4',
  'destination.bytes': 52_311,
  'dns.resolved_ip': ['10.132.0.4', '10.0.0.1'],
  'url.full': 'http://login.microsoft.com/path?[redacted]',
  'rule.name': 'microsoft-login',
  'error.type': 'http_request_denied',
  'error.message': 'No byte passed for 15m',
  'tls.client.server_name': 'login.microsoft.com',
  'weir.listener': 'microsoft',
  'weir.policy': '5f2b9c1d',
  'weir.outcome': 'completed',
  'weir.service_account': 'builder',
  'weir.reports': ['pilot', 'pilot-2'],
  'weir.route': 'out',
  'weir.dns_refused': ['10.0.0.1 (private use, RFC 1918)'],
  'weir.dns_ms': 1.5,
  'weir.connect_ms': 2.25,
  'weir.first_byte_ms': 12.125,
  'weir.peer_dns_ms': 0.5,
  'weir.peer_connect_ms': 1.75,
  'weir.alpn': ['h2', 'http/1.1'],
  'weir.cache': 'hit',
  'weir.closed_by': 'proxy',
};

t.test('renderEcs() writes what a record says under the names of the schema', async (t) => {
  t.strictSame(parsed(fullRecord({ peer: undefined })), DIRECT);
});

t.test('renderEcs() keeps the address of a peer from passing for the destination', async (t) => {
  const record = parsed(fullRecord());
  t.notOk('destination.ip' in record);
  t.match(record, { 'weir.peer': 'vm-a', 'weir.peer_ip': '10.132.0.4' });
  t.notOk('weir.peer_ip' in parsed(fullRecord({ upstreamIp: undefined })));
});

t.test('renderEcs() calls an address no domain', async (t) => {
  for (const host of ['192.0.2.1', '2001:db8::1']) {
    const record = parsed(fullRecord({ host }));
    t.equal(record['destination.address'], host);
    t.notOk('destination.domain' in record, host);
  }
  t.equal(parsed(fullRecord({ host: 'vm1' }))['destination.domain'], 'vm1');
});

t.test('renderEcs() leaves out what is undefined, and a status that was never sent', async (t) => {
  const record = parsed(sparseRecord({ status: 0, durationMs: Number.NaN }));
  t.notOk('http.response.status_code' in record);
  t.match(record, { 'event.type': ['connection', 'end'], 'event.outcome': 'unknown', 'event.duration': 0 });
  t.notOk(Object.keys(record).some((field) => /^(?:orchestrator|url|rule|error|tls|user)\./.test(field)));
});

t.test('renderEcs() says in three words how it ended', async (t) => {
  const rows: readonly [Partial<RecordEntry>, string[], string][] = [
    [{ event: 'open', outcome: undefined }, ['allowed', 'connection', 'start'], 'unknown'],
    [{ event: 'update', outcome: undefined }, ['allowed', 'connection', 'info'], 'unknown'],
    [{ outcome: 'denied' }, ['denied', 'connection', 'end'], 'failure'],
    [{ outcome: 'client_gone' }, ['allowed', 'connection', 'end'], 'unknown'],
    [{ outcome: 'drained' }, ['allowed', 'connection', 'end'], 'success'],
  ];
  for (const [fields, type, outcome] of rows) {
    t.match(parsed(fullRecord(fields)), { 'event.type': type, 'event.outcome': outcome });
  }
});

t.test('renderEcs() gives a record the same id always, and no two records one', async (t) => {
  const idOf = (fields: Partial<RecordEntry>): unknown => parsed(fullRecord(fields))['event.id'];
  t.equal(idOf({ bytesToClient: 1 }), idOf({ bytesToClient: 1 }));
  const others: readonly Partial<RecordEntry>[] = [
    {},
    { event: 'open' },
    { event: 'update' },
    { event: 'update', timeMs: 1 },
    { hop: 't2' },
    { clientPort: 1 },
    { transactionId: 'x' },
  ];
  t.equal(new Set(others.map(idOf)).size, others.length);
});

const HOSTILE = fc.string({ unit: 'binary', maxLength: 100 });
const SAID = fc.record({
  event: fc.constantFrom('open', 'update', 'end'),
  method: HOSTILE,
  url: HOSTILE,
  user: HOSTILE,
  host: HOSTILE,
  detail: HOSTILE,
  sni: HOSTILE,
  transactionId: HOSTILE,
  reason: fc.constantFrom(...(Object.keys(REASONS) as Reason[])),
  durationMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
});

// Attacks: recorded-once.
t.test('renderEcs() makes one line, in fields of the schema, of whatever a client says', async (t) => {
  const check = (said: Partial<RecordEntry>): void => {
    const line = renderEcs(fullRecord(said));
    assert.match(line, /^[ -~]+$/);
    const record = JSON.parse(line);
    assert.deepEqual(ecsComplaints(record), []);
    assert.equal(record['url.full'], said.url);
    assert.equal(record['error.message'], said.detail);
  };
  fc.assert(fc.property(SAID, check), { seed: 5 });
  t.same(ecsComplaints(parsed(sparseRecord())), []);
});

t.test('a field that ECS has not, of another type, or of no value of its set is seen', async (t) => {
  const rows: readonly [object, string][] = [
    [{ 'event.verdict': 'deny' }, 'event.verdict is no field of ECS 8.11.0'],
    [{ 'source.port': '80' }, 'source.port: "80" is no long'],
    [{ 'source.ip': 'a.example' }, 'source.ip: "a.example" is no ip'],
    [{ 'event.type': ['opened'] }, 'event.type cannot be opened'],
    [{ 'event.type': 'start' }, 'event.type is a list, or is none'],
  ];
  for (const [fields, complaint] of rows) t.same(ecsComplaints({ ...fields }), [complaint]);
});

t.test('the field list has no field that no record has', async (t) => {
  const used = Object.keys({ ...parsed(fullRecord()), ...parsed(fullRecord({ peer: undefined })) });
  t.same(Object.keys(ECS.fields), used.filter((field) => !field.startsWith('weir.')).sort());
});
