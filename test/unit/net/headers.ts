import fc from 'fast-check';
import t from 'tap';
import {
  appendVia,
  endToEnd,
  FieldNames,
  hasContent,
  hasField,
  linesOf,
  listOf,
  pairsOf,
  passedBefore,
  refuseNominations,
  tokensOf,
  upgradeIn,
  upgradeWanted,
  valuesOf,
} from '#net/headers.ts';

const NONE = new FieldNames([]);

const HOP_BY_HOP =
  'Connection Proxy-Connection Keep-Alive TE Transfer-Encoding Upgrade Proxy-Authorization Proxy-Authenticate Proxy-Authentication-Info Weir-Identity Weir-Transaction'.split(
    ' ',
  );

const PROTECTED = 'Host Content-Length Authorization Cookie Set-Cookie Via Forwarded Proxy-Status'.split(' ');

const RAW = ['Accept', 'a', 'X-One', '1', 'ACCEPT', 'b, c', 'accept-x', 'd'];

t.test('valuesOf() finds every field of a name, whatever its case, in order', async (t) => {
  t.same(valuesOf(RAW, 'accept'), ['a', 'b, c']);
  t.same(valuesOf(RAW, 'x-two'), []);
});

t.test('hasField() looks at whole names, whatever their case', async (t) => {
  t.equal(hasField(RAW, 'x-one'), true);
  t.equal(hasField(RAW, 'x-two'), false);
  t.equal(hasField(RAW, 'a'), false, 'a value is no name');
});

t.test('FieldNames knows a name whatever its case, and no other of its length', async (t) => {
  const long = 'x'.repeat(36);
  const names = new FieldNames(['host', long]);
  t.ok(['host', 'HOST', 'Host', long.toUpperCase()].every((name) => names.has(name)));
  t.notOk(['date', 'hosts', '', 'y'.repeat(36), 'hos'].some((name) => names.has(name)));
});

t.test('FieldNames knows names by their beginning, whatever their case and length', async (t) => {
  const names = new FieldNames(['host', 'x-real-ip'], ['x-envoy-', 'l5d-']);
  const known = ['Host', 'X-Real-IP', 'X-Envoy-A', `x-envoy-${'a'.repeat(40)}`, 'L5D-DST', 'x-envoy-'];
  for (const name of known) t.ok(names.has(name), name);
  const others = ['X-Envoy', 'X-Real-Ip2', 'X-Envoi-A', 'L5', 'Date', 'y-envoy-a', 'a-x-envoy-a', ''];
  for (const name of others) t.notOk(names.has(name), name);
});

t.test(
  'FieldNames takes beginnings as they are written, and folds no letters but those of ASCII',
  async (t) => {
    const names = new FieldNames([], ['k.s-', 'x-*']);
    for (const name of ['K.S-A', 'x-*', 'X-*-a']) t.ok(names.has(name), name);
    for (const name of ['kas-a', 'X-a', '\u212a.s-a', 'k.\u017f-a', 'a\nk.s-'])
      t.notOk(names.has(name), name);
  },
);

t.test('FieldNames finds a beginning exactly where the name in lower case has it', async (t) => {
  const prefixes = ['l5d-', 'x-auth-request-', 'x-envoy-', 'x-original-'];
  const names = new FieldNames(['x-real-ip'], prefixes);
  const part = fc.constantFrom(
    'X',
    'x-',
    'L5d',
    '-',
    'Envoy-',
    'eNVOY',
    'auth-Request-',
    'original',
    'real-ip',
    'q',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const name = parts.join('');
      const lower = name.toLowerCase();
      t.equal(names.has(name), lower === 'x-real-ip' || prefixes.some((prefix) => lower.startsWith(prefix)));
    }),
    { seed: 20_261_129, numRuns: 1000 },
  );
});

t.test('listOf() joins the values of a list field', async (t) => {
  t.equal(listOf(RAW, 'accept'), 'a, b, c');
  t.equal(listOf(RAW, 'x-two'), undefined);
});

t.test('tokensOf() reads the tokens of a list field in lower case, without the empty ones', async (t) => {
  t.same(tokensOf(['Connection', 'Close, ,\tX-Y ,', 'connection', 'UPGRADE'], 'connection'), [
    'close',
    'x-y',
    'upgrade',
  ]);
  t.same(tokensOf([], 'connection'), []);
});

t.test('upgradeIn() finds the one protocol that is asked for, where Connection names it', async (t) => {
  const named = ['Connection', 'keep-alive, Upgrade'];
  t.equal(upgradeIn(['Upgrade', 'WebSocket', ...named]), 'websocket');
  t.equal(upgradeIn(named), undefined);
  t.equal(upgradeIn(['Upgrade', 'websocket']), undefined);
  t.equal(upgradeIn(['Upgrade', 'websocket, h2c', ...named]), undefined);
  t.equal(upgradeIn(['Upgrade', '', ...named]), undefined);
});

t.test('upgradeWanted() is for GET of HTTP/1.1 without a body and without Expect', async (t) => {
  const rawHeaders = ['Upgrade', 'websocket', 'Connection', 'upgrade'];
  const get = { method: 'GET', httpVersion: '1.1', rawHeaders };
  t.equal(upgradeWanted(get), 'websocket');
  t.equal(upgradeWanted({ ...get, rawHeaders: [...rawHeaders, 'Content-Length', '0'] }), 'websocket');
  for (const method of ['HEAD', 'POST', 'OPTIONS'])
    t.equal(upgradeWanted({ ...get, method }), undefined, method);
  t.equal(upgradeWanted({ ...get, httpVersion: '1.0' }), undefined);
  t.equal(upgradeWanted({ ...get, rawHeaders: ['Upgrade', 'websocket'] }), undefined);
  for (const more of [
    ['Expect', '100-continue'],
    ['Content-Length', '1'],
  ])
    t.equal(upgradeWanted({ ...get, rawHeaders: [...rawHeaders, ...more] }), undefined, more.join());
});

t.test('hasContent() is of what frames a request', async (t) => {
  for (const framed of [
    ['Transfer-Encoding', 'chunked'],
    ['content-length', '0', 'Content-Length', '2'],
  ])
    t.ok(hasContent(framed), framed.join());
  for (const framed of [[], ['Content-Length', '0'], ['Transfer-Encoding', '']])
    t.notOk(hasContent(framed), framed.join());
});

t.test('pairsOf() pairs names with values', async (t) => {
  t.same(pairsOf(['A', '1', 'B', '2']), [
    ['A', '1'],
    ['B', '2'],
  ]);
});

for (const name of HOP_BY_HOP) {
  t.test(`endToEnd() removes ${name}`, async (t) => {
    t.same(endToEnd(['X-A', '1', name, 'x', name.toUpperCase(), 'y', 'X-B', '2'], NONE), [
      'X-A',
      '1',
      'X-B',
      '2',
    ]);
  });
}

t.test('endToEnd() removes what Connection names, and what it is told to', async (t) => {
  const raw = [
    'X-A',
    '1',
    'Connection',
    'close, X-A',
    'connection',
    'x-b',
    'X-B',
    '2',
    'Host',
    'h',
    'X-C',
    '3',
  ];
  t.same(endToEnd(raw, new FieldNames(['host'])), ['X-C', '3']);
});

for (const name of PROTECTED) {
  t.test(`endToEnd() keeps ${name} even where Connection names it`, async (t) => {
    const raw = ['Connection', `close, ${name.toLowerCase()}`, name, 'x'];
    t.same(endToEnd(raw, NONE), [name, 'x']);
    t.throws(() => refuseNominations(raw), {
      reason: 'request_malformed',
      message: `Connection names the protected field "${name.toLowerCase()}"`,
    });
  });
}

t.test('refuseNominations() lets ordinary nominations pass', async (t) => {
  for (const value of ['close', 'keep-alive, X-Y', 'Upgrade, HTTP2-Settings', '']) {
    t.doesNotThrow(() => refuseNominations(['Connection', value]), value);
  }
  t.doesNotThrow(() => refuseNominations([]));
});

const TOKEN = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);
const NAME = fc.oneof(TOKEN, fc.constantFrom(...HOP_BY_HOP, ...PROTECTED, 'X-Named', 'x-named'));
const FIELD = fc.tuple(NAME, fc.stringMatching(/^[\x21-\x7e]{0,20}$/));

t.test(
  'endToEnd() never lets a hop-by-hop, nominated or unwanted field through, and nothing else is lost',
  async (t) => {
    fc.assert(
      fc.property(fc.array(FIELD), fc.array(NAME), fc.array(NAME), (fields, named, unwanted) => {
        const raw = [...fields.flat(), 'Connection', named.join(' , ')];
        const without = new Set(unwanted.map((name) => name.toLowerCase()));
        const nominated = new Set(tokensOf(raw, 'connection'));
        const isGone = (name: string): boolean => {
          const isProtected = PROTECTED.some((one) => one.toLowerCase() === name);
          const isHopByHop = HOP_BY_HOP.some((one) => one.toLowerCase() === name);
          return isHopByHop || without.has(name) || (nominated.has(name) && !isProtected);
        };
        const kept = pairsOf(raw).filter(([name]) => !isGone(name.toLowerCase()));
        t.strictSame(pairsOf(endToEnd(raw, new FieldNames([...without]))), kept);
      }),
      { seed: 20_261_129 },
    );
  },
);

t.test('appendVia() adds our own entry at the end', async (t) => {
  const entry = { version: '1.1', pseudonym: 't1' };
  t.equal(appendVia(undefined, entry), '1.1 t1');
  t.equal(appendVia('1.0 squid', entry), '1.0 squid, 1.1 t1');
});

t.test('passedBefore() finds our own entry in Via, and no other’s', async (t) => {
  t.notOk(passedBefore(undefined, 't1'));
  for (const via of ['1.1 t1', '1.0 a, 1.1 t1', 'HTTP/1.1 t1 (Weir), 1.1 b', '1.1   t1']) {
    t.ok(passedBefore(via, 't1'), via);
  }
  for (const via of ['', '1.1 t12', '1.1 b (t1)', 't1', '1.1 T1']) t.notOk(passedBefore(via, 't1'), via);
});

t.test('passedBefore() finds what appendVia() wrote, wherever it was written', async (t) => {
  fc.assert(
    fc.property(fc.array(TOKEN), TOKEN, fc.array(TOKEN), (before, own, after) => {
      const append = (via: string | undefined, pseudonym: string): string =>
        appendVia(via, { version: '1.1', pseudonym });
      const via = [...before, own, ...after].reduce<string | undefined>(append, undefined);
      t.ok(passedBefore(via, own));
    }),
    { seed: 20_261_129 },
  );
});

t.test('linesOf() writes a line for each field, as it is', async (t) => {
  t.equal(linesOf(['Host', 'a', 'X-Y', '']), 'Host: a\r\nX-Y: \r\n');
  t.equal(linesOf([]), '');
});
