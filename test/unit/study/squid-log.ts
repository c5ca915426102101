import t from 'tap';
import { readSquidLine } from '#study/squid-log.ts';
import { cpuMsOfWork } from '../../fixtures/cpu-time.ts';

const TUNNEL =
  '1795399210.500   8120 10.128.0.7 TCP_TUNNEL/200 52311 CONNECT a.example:443 - HIER_DIRECT/192.0.2.7 -';
const COMBINED =
  '10.128.0.7 - ada [23/Nov/2026:10:00:10 +0800] "GET http://a.example/x?y HTTP/1.1" 200 512 "-" "say \\"hi\\" x" TCP_MISS:HIER_DIRECT';
const COMMON =
  '10.128.0.7 - - [23/Nov/2026:10:00:10 +0800] "CONNECT a.example:443 HTTP/1.1" 403 0 TCP_DENIED:HIER_NONE';

/** The native line with one of its fields replaced. */
function native(field: number, text: string): string {
  return TUNNEL.split(/ +/)
    .map((old, index) => (index === field ? text : old))
    .join(' ');
}

t.test('readSquidLine() reads the native format, at the time when the request came in', async (t) => {
  t.match(readSquidLine(TUNNEL), {
    kind: 'decided',
    question: {
      ip: '10.128.0.7',
      method: 'CONNECT',
      target: 'a.example:443',
      at: 1_795_399_202_380,
      listener: undefined,
      user: undefined,
    },
    verdict: 'allow',
    by: 'TCP_TUNNEL/200',
    rule: undefined,
    address: '192.0.2.7',
  });
  t.match(readSquidLine(native(7, 'ada')), { question: { user: 'ada' } });
  t.match(readSquidLine(native(1, '-1')), { question: { at: 1_795_399_210_500 } }, 'no time runs backwards');
});

t.test('readSquidLine() reads combined and common', async (t) => {
  t.match(readSquidLine(COMBINED), {
    question: {
      ip: '10.128.0.7',
      method: 'GET',
      target: 'http://a.example/x?y',
      at: Date.UTC(2026, 10, 23, 2, 0, 10),
      user: 'ada',
    },
    verdict: 'allow',
    by: 'TCP_MISS/200',
    address: undefined,
  });
  t.match(readSquidLine(COMMON), { verdict: 'deny', by: 'TCP_DENIED/403' });
  // As Squid 5.7 writes it: quotes of the client's are not escaped.
  const odd = COMBINED.replace(/"say.*" /, '"x" TCP_DENIED:HIER_NONE" \\ "hi" ');
  t.match(readSquidLine(odd), { verdict: 'allow', by: 'TCP_MISS/200' });
});

t.test('readSquidLine() takes the address of the origin alone', async (t) => {
  for (const [way, address] of [
    ['HIER_DIRECT/192.0.2.7', '192.0.2.7'],
    ['DIRECT/192.0.2.7', '192.0.2.7'],
    ['TIMEOUT_HIER_DIRECT/192.0.2.7', '192.0.2.7'],
    ['ORIGINAL_DST/192.0.2.7', '192.0.2.7'],
    ['FIRSTUP_PARENT/192.0.2.7', undefined],
    ['HIER_NONE/-', undefined],
  ] as const) {
    t.equal(Object(readSquidLine(native(8, way))).address, address, way);
  }
});

t.test('readSquidLine() tells a refusal of its own from any other status', async (t) => {
  for (const [result, verdict] of [
    ['TCP_DENIED/403', 'deny'],
    ['TCP_DENIED/407', 'deny'],
    ['TCP_DENIED_REPLY/403', 'deny'],
    ['TCP_MISS/403', 'allow'],
    ['TCP_MISS_ABORTED/000', 'allow'],
    ['TCP_TUNNEL/503', 'allow'],
    ['TCP_MEM_HIT/200', 'allow'],
  ] as const) {
    t.match(readSquidLine(native(3, result)), { kind: 'decided', verdict }, result);
  }
});

t.test('readSquidLine() says why a line has no decision', async (t) => {
  const rows: readonly [string, string][] = [
    [native(6, 'error:invalid-request'), 'request that could not be read'],
    [native(5, 'NONE'), 'request that could not be read'],
    [native(6, '-'), 'request that could not be read'],
    [native(3, 'NONE_NONE/400'), 'ended before a decision'],
    [native(3, 'NONE/503'), 'ended before a decision'],
    [native(3, 'TAG_NONE/503'), 'ended before a decision'],
    [native(3, 'UDP_MISS/000'), 'message between caches'],
    [native(6, 'cache_object://localhost/info'), "Squid's cache manager"],
    [native(6, 'http://proxy:3128/squid-internal-mgr/info'), "Squid's cache manager"],
    [native(5, 'GET').replace('a.example:443', 'https://a.example/'), 'request inside a decrypted tunnel'],
    [native(5, 'GET').replace('a.example:443', 'ftp://a.example/'), 'scheme that Weir does not forward'],
  ];
  for (const [line, why] of rows) t.same(readSquidLine(line), { kind: 'undecided', why }, line);
});

t.test('readSquidLine() says what is wrong with a broken line', async (t) => {
  const neither = "it is neither Weir's JSON nor Squid's native, common or combined format";
  for (const line of ['nonsense', TUNNEL.slice(0, 60), native(0, '17953992'), COMBINED.slice(0, -20)]) {
    t.same(readSquidLine(line), { kind: 'broken', why: neither }, line);
  }
  for (const time of ['32/Foo/2026:10:00:10 +0800', '23/Nov/2026 10:00:10', '23/Nov/2026:99:00:10 +0800']) {
    const line = COMMON.replace(/\[.*\]/, `[${time}]`);
    t.same(readSquidLine(line), { kind: 'broken', why: 'its time cannot be read' }, time);
  }
  for (const line of [native(0, `${'9'.repeat(30)}.000`), native(1, '9'.repeat(30))]) {
    t.same(readSquidLine(line), { kind: 'broken', why: 'its time cannot be read' }, line);
  }
});

t.test('readSquidLine() takes no long time over a line that almost is one', async (t) => {
  const usedMs = cpuMsOfWork(() => {
    for (const piece of ['"\\', '" "', ' ', 'A_', '\\\\'])
      readSquidLine(COMBINED.replace('say', piece.repeat(30_000)) + piece);
  });
  t.ok(usedMs < 2000);
});
