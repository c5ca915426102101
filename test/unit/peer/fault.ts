import t from 'tap';
import { ProxyError, type Reason } from '#errors.ts';
import { asPeerFault, isUnreached, noteStop } from '#peer/fault.ts';
import { peerAt, peerOptions } from '../../fixtures/peer.ts';

const OPTIONS = peerOptions('vm-a', 3128);

const TOLD: Partial<Record<Reason, Reason>> = {
  connection_refused: 'peer_unavailable',
  destination_unroutable: 'peer_unavailable',
  dns_error: 'peer_unavailable',
  dns_timeout: 'peer_unavailable',
  connection_timeout: 'peer_timeout',
  response_timeout: 'peer_timeout',
  connection_terminated: 'peer_terminated',
  response_incomplete: 'peer_terminated',
  response_malformed: 'peer_protocol_error',
  saturated: 'saturated',
  ports_exhausted: 'ports_exhausted',
  draining: 'draining',
  request_malformed: 'request_malformed',
  internal_error: 'internal_error',
};

for (const [reason, told] of Object.entries(TOLD) as [Reason, Reason][]) {
  t.test(`asPeerFault() tells ${reason} as ${told}`, async (t) => {
    const cause = new ProxyError(reason, { detail: 'Cannot do it' });
    const fault = asPeerFault(OPTIONS, cause);
    t.equal(fault.reason, told);
    t.equal(fault.message, 'Cannot reach peer "vm-a" (127.0.0.1:3128): Cannot do it');
    t.equal(fault.cause, cause);
  });
}

t.test('isUnreached() tells a peer that cannot be connected to from one that was asked', async (t) => {
  const of = (reason: Reason): boolean => isUnreached(asPeerFault(OPTIONS, new ProxyError(reason)));
  for (const reason of ['connection_refused', 'dns_error', 'connection_timeout'] as const)
    t.ok(of(reason), reason);
  for (const reason of ['response_timeout', 'connection_terminated', 'response_malformed'] as const)
    t.notOk(of(reason), reason);
  t.notOk(isUnreached(new ProxyError('peer_timeout')));
});

t.test('asPeerFault() takes anything else that was thrown for a fault of ours', async (t) => {
  t.equal(asPeerFault(OPTIONS, new TypeError('undefined is not a function')).reason, 'internal_error');
});

// Attacks: true-peer.
t.test('noteStop() blames who was asked in the first second of the time that there is', async (t) => {
  for (const [askedMs, isUp] of [
    [0, false],
    [1_000, false],
    [1_001, true],
    [9_999, true],
  ] as const) {
    const peer = peerAt('vm-a', 9);
    noteStop(peer, new ProxyError('peer_timeout'), { askedMs, nowMs: 10_000, patienceMs: 10_000 });
    t.equal(peer.isUp, isUp, `asked after ${askedMs} ms`);
  }
});

t.test('noteStop() blames nobody for a client that left, or for what is ours', async (t) => {
  const peer = peerAt('vm-a', 9);
  for (const reason of ['client_gone', 'drain_timeout', 'dns_timeout'] as const)
    noteStop(peer, new ProxyError(reason), { askedMs: 0, nowMs: 10_000, patienceMs: 10_000 });
  t.ok(peer.isUp);
});

t.test('noteStop() says nothing of whether the peer can be connected to', async (t) => {
  const peer = peerAt('vm-a', 9);
  const stop = (): void =>
    noteStop(peer, new ProxyError('peer_timeout'), { askedMs: 0, nowMs: 10_000, patienceMs: 0 });
  stop();
  t.notOk(peer.isUnreached);
  peer.failed('peer_unavailable', 10_000, true);
  stop();
  t.ok(peer.isUnreached);
});
