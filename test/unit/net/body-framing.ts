import t from 'tap';
import { BodyFraming } from '#net/body-framing.ts';
import { IDLE_MS } from '#net/limits.ts';

const MALFORMED = { name: 'MalformedAnswer' };

interface Head {
  readonly status?: number;
  readonly isOld?: boolean;
  readonly method?: string;
}

function framing(fields: readonly string[], { status = 200, isOld = false, method = 'GET' }: Head = {}) {
  const read = new BodyFraming();
  read.read({ status, phrase: '', isOld }, method, fields);
  const { kind, length, keptMs } = read;
  return kind === 'sized' ? { kind, length, keptMs } : { kind, keptMs };
}

const CHUNKED = ['Transfer-Encoding', 'Chunked'];
const SIZED = ['content-LENGTH', '12'];

t.test('BodyFraming tells how a body is delimited', async (t) => {
  t.same(framing(SIZED), { kind: 'sized', length: 12, keptMs: IDLE_MS });
  t.same(framing(['Content-Length', '0012']), { kind: 'sized', length: 12, keptMs: IDLE_MS });
  t.same(framing(['Content-Length', '0']), { kind: 'none', keptMs: IDLE_MS });
  t.same(framing(CHUNKED), { kind: 'chunked', keptMs: IDLE_MS });
  t.same(framing(['Content-Type', 'a', 'X-Ten-Chars', 'b']), { kind: 'until close', keptMs: 0 });
  t.same(framing(['Content-Dingsl', '1', 'Transfer-Encodinx', 'x', 'Keep-Alivx', 'timeout=5']), {
    kind: 'until close',
    keptMs: 0,
  });
});

t.test('BodyFraming knows of no body where there can be none', async (t) => {
  for (const fields of [SIZED, CHUNKED, []]) {
    t.match(framing(fields, { method: 'HEAD' }), { kind: 'none' });
    for (const status of [103, 204, 304]) t.match(framing(fields, { status }), { kind: 'none' });
  }
  t.equal(framing([], { status: 204 }).keptMs, IDLE_MS);
  t.equal(framing(['Content-Length', '0'], { status: 304 }).keptMs, IDLE_MS);
  t.equal(framing(SIZED, { status: 304 }).keptMs, 0, 'it may have one all the same');
  t.equal(framing(CHUNKED, { status: 204 }).keptMs, 0);
});

const NONSENSE: Readonly<Record<string, readonly string[]>> = {
  'both framings': [...CHUNKED, ...SIZED],
  'two lengths': ['Content-Length', '1', 'Content-Length', '2'],
  'the same length twice': [...SIZED, ...SIZED],
  'a list of lengths': ['Content-Length', '12, 12'],
  'no length': ['Content-Length', ''],
  'a signed length': ['Content-Length', '+1'],
  'a negative length': ['Content-Length', '-1'],
  'a hexadecimal length': ['Content-Length', '0x10'],
  'a length beyond what a number can tell': ['Content-Length', '9007199254740992'],
  'another coding': ['Transfer-Encoding', 'gzip'],
  'a coding below': ['Transfer-Encoding', 'gzip, chunked'],
  'a coding above': ['Transfer-Encoding', 'chunked, gzip'],
  'the coding twice': [...CHUNKED, ...CHUNKED],
  'the coding and a blank that is none': ['Transfer-Encoding', 'chunked\xa0'],
  'no coding': ['Transfer-Encoding', ''],
};

for (const [what, fields] of Object.entries(NONSENSE)) {
  t.test(`BodyFraming refuses ${what}, whatever the status`, async (t) => {
    for (const status of [103, 200, 204]) t.throws(() => framing(fields, { status }), MALFORMED);
    t.throws(() => framing(fields, { method: 'HEAD' }), MALFORMED);
  });
}

t.test('BodyFraming refuses chunks in HTTP/1.0', async (t) => {
  t.throws(() => framing(CHUNKED, { isOld: true }), MALFORMED);
});

t.test('BodyFraming tells whether the connection persists', async (t) => {
  const kept = (connection: string, isOld = false): boolean =>
    framing([...SIZED, 'Connection', connection], { isOld }).keptMs > 0;
  t.ok(kept(''));
  t.ok(kept('keep-alive'));
  t.notOk(kept('close'));
  t.notOk(kept('x-y, Close'));
  t.notOk(kept(',\tclose ,x'));
  t.ok(kept('closed, x-close, close-x'));
  t.notOk(kept('not-keep-alive', true));
  t.notOk(kept('close, keep-alive'));
  t.notOk(framing(SIZED, { isOld: true }).keptMs);
  t.ok(kept('Keep-Alive', true));
  t.notOk(kept('keep-alive, close', true));
});

t.test('BodyFraming tells whether an interim answer may be followed by another', async (t) => {
  const persists = (fields: readonly string[], isOld: boolean): boolean => {
    const read = new BodyFraming();
    read.read({ status: 103, phrase: '', isOld }, 'GET', fields);
    return read.persists;
  };
  t.ok(persists(SIZED, false));
  t.notOk(persists(['Connection', 'close'], false));
  t.notOk(persists([], true));
});

t.test('BodyFraming keeps a connection less long than the next hop does', async (t) => {
  const keptMs = (value: string): number => framing([...SIZED, 'Keep-Alive', value]).keptMs;
  t.equal(keptMs('timeout=5'), 3_000);
  t.equal(keptMs('max=100, timeout=10'), 8_000);
  t.equal(keptMs('timeout=2'), 0);
  t.equal(keptMs('timeout=0'), 0);
  t.equal(keptMs('timeout=600'), IDLE_MS);
  t.equal(keptMs(`timeout=${'9'.repeat(400)}`), IDLE_MS);
  t.equal(keptMs('max=100'), IDLE_MS);
});

t.test('BodyFraming keeps no connection by which the next hop knows somebody', async (t) => {
  const heads = { NTLM: 0, 'Negotiate YII=': 0, 'Basic realm="a"': IDLE_MS };
  for (const [challenge, keptMs] of Object.entries(heads)) {
    for (const status of [401, 200])
      t.equal(framing([...SIZED, 'WWW-Authenticate', challenge], { status }).keptMs, keptMs, challenge);
  }
  t.equal(framing([...SIZED, 'X-16-characters-', 'NTLM']).keptMs, IDLE_MS);
  const read = new BodyFraming();
  read.read({ status: 401, phrase: '', isOld: false }, 'GET', [...SIZED, 'WWW-Authenticate', 'NTLM']);
  read.read({ status: 200, phrase: '', isOld: false }, 'GET', SIZED);
  t.equal(read.keptMs, IDLE_MS, 'of the next answer it says nothing');
});
