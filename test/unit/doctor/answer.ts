import t from 'tap';
import {
  lineOf,
  membersOf,
  printable,
  pseudonymsOf,
  speakerOf,
  squidWordOf,
  transactionOf,
} from '#doctor/answer.ts';

const answer = (headers: readonly string[], body = '') => ({ status: 403, phrase: 'No', headers, body });

t.test('membersOf() reads all members, in plain text', async (t) => {
  const lines = ['Proxy-Status', 't2;error=dns_error;details="a b", t1;next-hop="p:1";received-status=502'];
  t.match(membersOf(answer(lines)), [
    { hop: 't2', error: 'dns_error', details: 'a b', nextHop: undefined },
    { hop: 't1', nextHop: 'p:1', receivedStatus: 502, error: undefined },
  ]);
  t.match(membersOf(answer(['Proxy-Status', '"t\u009b";error="\u009b"'])), [{ hop: 't?', error: '?' }]);
});

t.test('transactionOf() takes the last', async (t) => {
  t.equal(transactionOf(answer(['Weir-Transaction', 'a-1', 'weir-transaction', 'b-2'])), 'b-2');
  t.equal(transactionOf(answer(['Weir-Transaction', ''])), undefined);
  t.equal(transactionOf(answer([])), undefined);
});

t.test('squidWordOf() finds who made a page: in its text, in X-Cache, in Via', async (t) => {
  const error = ['X-Squid-Error', 'ERR_ACCESS_DENIED 0'];
  const cache = ['X-Cache', 'MISS from below'];
  const via = ['Via', '1.1 low (squid/5.7), 1.1 high (squid/5.7)'];
  const page = '<p>Generated Sat, 28 Nov 2026 by inpage.x (squid/5.7)</p>';
  t.same(squidWordOf(answer([...error, ...cache, ...via], page)), {
    code: 'ERR_ACCESS_DENIED',
    maker: 'inpage.x',
  });
  t.match(squidWordOf(answer([...error, ...cache, ...via])), { maker: 'below' });
  t.match(squidWordOf(answer([...error, ...via])), { maker: 'low' });
  t.match(squidWordOf(answer(error)), { maker: undefined });
  t.equal(squidWordOf(answer([...cache, ...via], page)), undefined);
  t.equal(squidWordOf(answer(['X-Squid-Error', 'odd'])), undefined);
});

t.test('speakerOf() tells Weir, Squid, and others', async (t) => {
  const weir = ['Proxy-Status', 't1;error=http_request_error', 'Weir-Transaction', 'a-1'];
  t.same(speakerOf(answer(weir)), { kind: 'weir', name: 't1' });
  t.same(speakerOf(answer(['X-Squid-Error', 'ERR_UNSUP_REQ 0', 'X-Cache', 'MISS from s'])), {
    kind: 'squid',
    name: 's',
  });
  t.same(speakerOf(answer(['Via', '1.1 other'])), { kind: 'unknown', name: 'other' });
  t.same(speakerOf(answer(['Proxy-Status', 'x'])), { kind: 'unknown', name: undefined });
});

t.test('pseudonymsOf() reads Via from the origin on', async (t) => {
  t.same(pseudonymsOf(answer(['Via', '1.1 t2-ab, HTTP/1.1 t1 (x)', 'Via', '1.0 last'])), [
    't2-ab',
    't1',
    'last',
  ]);
  t.same(pseudonymsOf(answer(['Via', ', 1.1'])), []);
});

t.test('lineOf() and printable() show what a terminal takes', async (t) => {
  t.equal(lineOf(answer([])), '403 No');
  t.equal(lineOf({ status: 200, phrase: '', headers: [], body: '' }), '200');
  t.equal(printable('a\x1b[2Jü'), 'a?[2J?');
  t.equal(printable('x'.repeat(300)).length, 201);
});
