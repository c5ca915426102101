import t from 'tap';
import { REASONS, type Reason } from '#errors.ts';
import type { ConnectReply } from '#peer/connect-reply.ts';
import { PeerRefusal, reasonGiven, wordOf } from '#peer/refusal.ts';
import { peerOptions } from '../../fixtures/peer.ts';

const HOP = peerOptions('vm-a', 3128);
const SQUID = peerOptions('squid', 3128, { hop: false });

/** Types of what a proxy can have wrong with itself. */
const OWN_TYPES: ReadonlySet<string | undefined> = new Set([
  'proxy_internal_error',
  'proxy_configuration_error',
  'connection_limit_reached',
]);

function reply(status: number, ...lines: readonly string[]): ConnectReply {
  const headers = lines.flatMap((line) => ['Proxy-Status', line]);
  return { status, phrase: 'x', headers, body: Buffer.alloc(0) };
}

const OF_A_HOP: readonly [what: string, reply: ConnectReply, reason: string, isPeersFault: boolean][] = [
  ['a refusal by rule', reply(403, 't2;error=http_request_denied'), 'peer_refused', false],
  ['a refused address', reply(403, 't2;error=destination_ip_prohibited'), 'peer_refused', false],
  ['a target that cannot be resolved', reply(502, 't2;error=dns_error'), 'peer_failed', false],
  ['a target that refuses', reply(502, 't2;error=connection_refused'), 'peer_failed', false],
  ['a target that is slow', reply(504, 't2;error=connection_timeout'), 'peer_failed', false],
  ['an internal error of the peer', reply(500, 't2;error=proxy_internal_error'), 'peer_faulty', true],
  [
    'no route at the peer',
    reply(500, 't2;error=proxy_configuration_error;details="no_route"'),
    'peer_failed',
    false,
  ],
  ['a peer that is full', reply(503, 't2;error=connection_limit_reached'), 'peer_faulty', true],
  ['a peer that drains', reply(503, 't2;details="draining"'), 'peer_faulty', true],
  ['a 503 without a word', reply(503), 'peer_failed', false],
  ['a 503 for another cause', reply(503, 't2;details="no draining"'), 'peer_failed', false],
  ['a peer that drains with another status', reply(502, 't2;details="draining"'), 'peer_failed', false],
  ['a 4xx without a word', reply(429), 'peer_refused', false],
  ['a 5xx without a word', reply(502), 'peer_failed', false],
  ['a redirection', reply(302), 'peer_failed', false],
  ['wrong credentials', reply(407), 'peer_auth_required', true],
  [
    'a fault that an origin forged',
    reply(403, 'evil;error=proxy_internal_error', 't2'),
    'peer_refused',
    false,
  ],
];

for (const [what, answer, reason, isPeersFault] of OF_A_HOP) {
  t.test(
    `PeerRefusal of a hop of ours: ${what} is ${reason}${isPeersFault ? ', its own fault' : ''}`,
    async (t) => {
      const refusal = new PeerRefusal(HOP, answer);
      t.equal(refusal.reason, reason);
      t.equal(REASONS[refusal.reason].retryable, isPeersFault);
      t.equal(refusal.reply, answer);
      t.equal(refusal.peer, HOP);
    },
  );
}

t.test('PeerRefusal tells what a hop of ours says, for the log', async (t) => {
  const refusal = new PeerRefusal(
    HOP,
    reply(403, 't2;error=http_request_denied;details="rule_denied rule=x"'),
  );
  t.equal(refusal.message, 'Peer "vm-a" answered 403: rule_denied rule=x');
  t.equal(refusal.peerError, 'http_request_denied');
  t.equal(new PeerRefusal(HOP, reply(403)).message, 'Peer "vm-a" answered 403');
});

// Attacks: true-peer.
t.test('PeerRefusal of a hop of ours: what depends on the target is no fault of the peer', async (t) => {
  const ofOneWay = ['no_route', 'source_unavailable', 'peer_auth_required', 'peers_full', 'ports_exhausted'];
  const ofThePeer = Object.entries(REASONS)
    .filter(([, { type, source }]) => OWN_TYPES.has(type) && source !== 'client')
    .filter(([reason, { type, status }]) => {
      const member = `t2;error=${type};details="${reason} rule=x"`;
      return new PeerRefusal(HOP, reply(status, member)).reason !== 'peer_failed';
    });
  t.same(ofThePeer.map(([reason]) => reason).sort(), [
    'assertion_unchecked',
    'audit_unavailable',
    'connections_exceeded',
    'internal_error',
    'saturated',
  ]);
  for (const reason of ofOneWay) t.ok(OWN_TYPES.has(REASONS[reason as Reason].type), reason);
});

// Attacks: no-forged-word.
t.test('PeerRefusal believes any other peer only about the status', async (t) => {
  const forged = new PeerRefusal(SQUID, reply(403, 'squid;error=proxy_internal_error;details="draining"'));
  t.equal(forged.reason, 'peer_refused');
  t.equal(forged.peerError, undefined);
  t.equal(forged.message, 'Peer "squid" answered 403');
  t.equal(
    new PeerRefusal(SQUID, reply(407)).reason,
    'peer_auth_required',
    'our credentials are wrong there, whoever it is',
  );
});

t.test('reasonGiven() takes an answer without a word for the target’s', async (t) => {
  for (const status of [200, 403, 429, 502, 503]) t.equal(reasonGiven(status, undefined), undefined);
  t.equal(reasonGiven(503, wordOf(HOP, ['Proxy-Status', 't2;received-status=503'])), undefined);
});

t.test('reasonGiven() tells a 407 of the peer from one that it passed on', async (t) => {
  const told = (member: string) => reasonGiven(407, wordOf(HOP, ['Proxy-Status', member]));
  t.equal(reasonGiven(407, undefined), 'peer_auth_required');
  t.equal(told('t2;error=http_request_denied'), 'peer_auth_required');
  t.equal(told('t2;received-status=407;error=http_protocol_error'), 'peer_auth_required');
  t.equal(told('origin;received-status=407, t2'), 'peer_auth_required');
  t.equal(told('t2;next-hop="192.0.2.1:80";received-status=407'), undefined);
});

t.test(
  'PeerRefusal takes any 407 to CONNECT for the peer’s: a tunnel has nobody else who could send one',
  async (t) => {
    t.equal(new PeerRefusal(HOP, reply(407, 't2;received-status=407')).reason, 'peer_auth_required');
  },
);
