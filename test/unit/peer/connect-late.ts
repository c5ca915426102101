import t from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import { connectThroughPeers } from '#peer/connect.ts';
import { Selector } from '#peer/select.ts';
import { HEAD_END, scriptedOrigin } from '../../fixtures/exchange.ts';
import { peerAt, peerTools, wish } from '../../fixtures/peer.ts';
import { faultOf, until } from '../../fixtures/sockets.ts';

for (const [hadMs, isUp] of [
  [7_300, true],
  [8_900, true],
  [9_000, false],
] as const) {
  // Attacks: true-peer.
  t.test(`connectThroughPeers() blames a silent peer only after its time: ${hadMs} ms of 10 s`, async (t) => {
    const asked = Promise.withResolvers<void>();
    await using server = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      asked.resolve();
    });
    const [tools, abort, peer] = [peerTools(), new Abort(), peerAt('vm-a', server.port)];
    const selector = new Selector([peer], 'failover');
    const composeHead = (): string => 'CONNECT a.example:443 HTTP/1.1\r\n\r\n';
    const request = { selector, wish: wish(), composeHead, patienceMs: 10_000 };
    const fault = faultOf(connectThroughPeers(tools, request, abort));
    await asked.promise;
    tools.clock.advance(hadMs);
    abort.abort(new ProxyError('peer_timeout'));
    t.match(await fault, { reason: 'peer_timeout' });
    t.equal(peer.isUp, isUp);
    await until(() => tools.ledger.open('upstream') === 0);
  });
}
