import t from 'tap';
import { NOBODY_KNOWN, type Speaker } from '#doctor/answer.ts';
import { readPlainAnswer, readTunnelAnswer } from '#doctor/reading.ts';

const T1: Speaker = { kind: 'weir', name: 't1' };
const SQUID: Speaker = { kind: 'squid', name: 'above' };

const answer = (status: number, ...fields: readonly string[]) => ({
  status,
  phrase: 'Phrase',
  headers: fields,
  body: '',
});
const told = (status: number, members: string) =>
  answer(status, 'Proxy-Status', members, 'Weir-Transaction', 'ab-1');

t.test('readTunnelAnswer() names the tiers of a tunnel that opened', async (t) => {
  t.match(readTunnelAnswer(told(200, 't2;next-hop="192.0.2.1:443", t1;next-hop="vm:3128"'), NOBODY_KNOWN), {
    hops: ['t1', 't2'],
    blame: undefined,
    transaction: 'ab-1',
    nextHop: '192.0.2.1:443',
    hearsay: [],
  });
  t.match(readTunnelAnswer(answer(200), NOBODY_KNOWN), { hops: [], blame: undefined, nextHop: undefined });
});

/** Tier, place, and names. */
function blamed(status: number, members: string, speaker: Speaker): string {
  const { blame, hops } = readTunnelAnswer(told(status, members), speaker);
  return `${blame?.tier} ${blame?.place} ${blame?.reason} ${hops.join()}`;
}

t.test('readTunnelAnswer() goes by our own reasons', async (t) => {
  const passed = 't1;received-status=403;details="peer_refused"';
  for (const [members, expected] of [
    ['t1;error=http_request_denied;details="rule_denied rule=x"', '1 verdict rule_denied t1'],
    ['t1;details="credentials_wanted"', '1 verdict credentials_wanted t1'],
    ['t1;details="draining"', '1 verdict draining t1'],
    ['t1;error=destination_unavailable;details="peer_unavailable"', '1 next peer_unavailable t1'],
    [
      't1;error=destination_unavailable;details="destination_unavailable"',
      '1 connect destination_unavailable t1',
    ],
    ['t1;error=dns_timeout;details="dns_timeout"', '1 dns dns_timeout t1'],
    ['t1;error=http_response_timeout;details="response_timeout"', '1 answer response_timeout t1'],
    [`t2;error=http_request_denied;details="rule_denied", ${passed}`, '2 verdict rule_denied t1,t2'],
    [
      `t2;error=connection_refused;details="connection_refused", ${passed}`,
      '2 connect connection_refused t1,t2',
    ],
    [`t2;error=connection_timeout;details="peer_timeout", ${passed}`, '2 next peer_timeout t1,t2'],
    [`t3;error=dns_error, t2;received-status=502, ${passed}`, '3 dns undefined t1,t2,t3'],
  ] as const) {
    t.equal(blamed(403, members, T1), expected, members);
  }
});

t.test('readTunnelAnswer() goes by types of RFC 9209 where it knows no reason', async (t) => {
  for (const [type, place] of [
    ['dns_error', 'dns'],
    ['connection_timeout', 'connect'],
    ['connection_limit_reached', 'verdict'],
    ['destination_not_found', 'connect'],
    ['destination_ip_prohibited', 'verdict'],
    ['tls_certificate_error', 'connect'],
    ['http_protocol_error', 'answer'],
    ['http_request_denied', 'verdict'],
    ['proxy_internal_error', 'verdict'],
  ] as const) {
    t.equal(
      blamed(502, `other;error=${type};details="toString"`, NOBODY_KNOWN),
      `1 ${place} undefined other`,
      type,
    );
  }
  t.equal(blamed(502, 'other', NOBODY_KNOWN), '1 verdict undefined other');
});

t.test('readTunnelAnswer() puts a first tier that says nothing before those that do', async (t) => {
  const members = 't2;error=http_request_denied;details="rule_denied"';
  t.equal(blamed(403, members, SQUID), '2 verdict rule_denied above,t2');
  t.equal(blamed(403, members, NOBODY_KNOWN), '1 verdict rule_denied t2');
  t.equal(blamed(403, members, { kind: 'unknown', name: 't2' }), '1 verdict rule_denied t2');
});

/** Of a page of Squid's that `maker` made. */
function ofSquid(code: string, maker: string | undefined, speaker: Speaker): string {
  const fields = [
    'X-Squid-Error',
    `${code} 0`,
    ...(maker === undefined ? [] : ['X-Cache', `MISS from ${maker}`]),
  ];
  const { blame, hops } = readTunnelAnswer(answer(503, ...fields), speaker);
  return `${blame?.tier} ${blame?.place} ${hops.join()}: ${blame?.said}`;
}

t.test('readTunnelAnswer() goes by the pages of Squid, and who made them', async (t) => {
  const page = (code: string, by: string): string => `${by} answered 503 Phrase (${code})`;
  for (const [code, first, second] of [
    ['ERR_ACCESS_DENIED', 'verdict', 'verdict'],
    ['ERR_CANNOT_FORWARD', 'next', 'dns'],
    ['ERR_CONNECT_FAIL', 'next', 'connect'],
    ['ERR_DNS_FAIL', 'dns', 'dns'],
  ] as const) {
    t.equal(ofSquid(code, 'above', SQUID), `1 ${first} above: ${page(code, 'above')}`);
    t.equal(ofSquid(code, undefined, SQUID), `1 ${first} above: ${page(code, 'above')}`);
    t.equal(ofSquid(code, 'below', SQUID), `2 ${second} above,below: ${page(code, 'below')}`);
    t.equal(ofSquid(code, 'below', NOBODY_KNOWN), `1 ${first} below: ${page(code, 'below')}`);
  }
});

t.test('readTunnelAnswer() goes by the status where nobody says more', async (t) => {
  const place = (status: number, ...fields: readonly string[]): string => {
    const { blame, hops } = readTunnelAnswer(answer(status, ...fields), NOBODY_KNOWN);
    return `${blame?.tier} ${blame?.place} ${hops.join()}: ${blame?.said}`;
  };
  t.equal(place(403), '1 verdict : Tier 1 answered 403 Phrase');
  t.equal(place(503), '1 next : Tier 1 answered 503 Phrase');
  const passed = ['Proxy-Status', 't1;received-status=502;details="peer_failed"'];
  t.equal(place(502, ...passed), '2 connect t1: Tier 2 answered 502 Phrase');
  t.equal(place(407, ...passed), '2 verdict t1: Tier 2 answered 407 Phrase');
});

const VIA = ['Via', '1.1 t1-ab'];
const own = ['Proxy-Status', 't1;next-hop="vm:1";received-status=403', 'Weir-Transaction', 'ab-1'];
const denial = ['Proxy-Status', 't2;error=http_request_denied;details="rule_denied rule=x"'];

t.test('readPlainAnswer() believes a first tier that is Weir, and the hop it vouches for', async (t) => {
  const first = answer(
    403,
    'Proxy-Status',
    't1;error=http_request_denied;details="rule_denied"',
    ...own.slice(2),
  );
  t.match(readPlainAnswer(first, T1), { hops: ['t1'], blame: { tier: 1, place: 'verdict' }, hearsay: [] });
  const second = answer(403, ...VIA, ...denial, ...own);
  t.match(readPlainAnswer(second, T1), {
    hops: ['t1', 't2'],
    blame: { tier: 2, place: 'verdict', reason: 'rule_denied' },
    transaction: 'ab-1',
  });
});

// What an origin may forge.
t.test('readPlainAnswer() believes no origin', async (t) => {
  const forged = answer(403, ...VIA, ...denial);
  const said = ['t2: http_request_denied, rule_denied rule=x'];
  t.match(readPlainAnswer(forged, T1), {
    hops: ['t1'],
    blame: undefined,
    hearsay: said,
    transaction: undefined,
  });
  t.match(
    readPlainAnswer(answer(403, ...denial, 'Weir-Transaction', 'ab-1'), SQUID),
    { hops: ['above'], blame: undefined, hearsay: said },
    'who is no Weir lets an origin say what it likes',
  );
  t.match(readPlainAnswer(answer(403, ...denial, 'Weir-Transaction', 'ab-1'), NOBODY_KNOWN), { hops: [] });
  const page = answer(403, 'X-Squid-Error', 'ERR_ACCESS_DENIED 0');
  t.match(readPlainAnswer(page, T1), {
    blame: undefined,
    hearsay: ['Squid without a name: ERR_ACCESS_DENIED'],
  });
  t.match(readPlainAnswer(answer(403, 'X-Squid-Error', 'ERR_X 0', 'X-Cache', 'MISS from s'), T1), {
    hearsay: ['Squid s: ERR_X'],
  });
  // A tier behind has passed it on, as Via tells, so that it has not made it.
  const behind = answer(403, 'Via', '1.1 t2-cd, 1.1 t1-ab', ...denial, ...own);
  t.match(readPlainAnswer(behind, T1), { hops: ['t1', 't2'], blame: undefined });
  const third = answer(
    403,
    ...VIA,
    'Proxy-Status',
    't9;error=dns_error, t8, t7;received-status=200, t2;received-status=403',
    ...own,
  );
  t.match(readPlainAnswer(third, T1), {
    hops: ['t1', 't2'],
    blame: undefined,
    hearsay: ['t7: received 200', 't8: passed it on', 't9: dns_error'],
  });
  t.match(readPlainAnswer(answer(200), T1), { hops: ['t1'], blame: undefined, hearsay: [] });
});
