import t, { type Test } from 'tap';
import { ProxyError } from '#errors.ts';
import { parseAuthority } from '#net/authority.ts';
import type { PeerTools } from '#peer/dial-peer.ts';
import { Peer } from '#peer/peer.ts';
import { Prober } from '#peer/prober.ts';
import { HEAD_END, scriptedOrigin } from '../../fixtures/exchange.ts';
import { peerAt, peerOptions, peerTools } from '../../fixtures/peer.ts';
import { closedPort, until } from '../../fixtures/sockets.ts';

const OK = 'HTTP/1.1 200 OK\r\n\r\n';
const SOON = { intervalMs: 5, target: undefined };
const CANARY = { intervalMs: 5, target: parseAuthority('canary.example:443') };

function proberOf(t: Test, tools: PeerTools): Prober {
  const prober = new Prober({ tools: () => tools, via: '1.1 t1-0' });
  t.teardown(async () => {
    prober.stop();
    await until(() => tools.ledger.open('upstream') === 0);
  });
  return prober;
}

t.test('Prober looks again and again at the peers that ask for it', async (t) => {
  const asked: string[] = [];
  await using server = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    asked.push(connection.received().split(' ')[1] ?? '');
    connection.send(OK);
  });
  const peer = peerAt('vm-a', server.port, { health: CANARY });
  const idle = peerAt('vm-b', await closedPort());
  const prober = proberOf(t, peerTools());
  prober.watch([peer, idle]);
  await until(() => asked.length >= 9);
  t.same(asked.slice(0, 9), [
    'probe.weir.invalid:443',
    'canary.example:443',
    ...Array.from({ length: 6 }, () => 'probe.weir.invalid:443'),
    'canary.example:443',
  ]);
  t.same(peer.sight, { reachable: true, authorised: true, egress: true });
  t.same(idle.sight, { reachable: undefined, authorised: undefined, egress: undefined });
  t.ok(idle.isUp);
});

t.test('Prober tells a peer that it is down, and that it is up again', async (t) => {
  let isWell = true;
  await using server = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    connection.send(isWell ? OK : 'nonsense\r\n\r\n');
  });
  const faults: string[] = [];
  const onFault = (name: string, reason: string): void => void faults.push(`${name} ${reason}`);
  const peer = new Peer(peerOptions('vm-a', server.port, { health: CANARY }), { onFault });
  const prober = proberOf(t, peerTools());
  prober.watch([peer]);
  await until(() => peer.sight.egress === true);
  isWell = false;
  await until(() => !peer.isUp);
  t.equal(faults[0], 'vm-a peer_protocol_error');
  t.equal(peer.sight.reachable, false);
  t.equal(peer.sight.authorised, undefined, 'as it was when somebody could tell is claimed no more');
  isWell = true;
  await until(() => peer.isUp);
  await until(() => peer.sight.reachable === true);
});

t.test('Prober goes on with the peers that stay, and lets go of the others', async (t) => {
  let connections = 0;
  await using server = await scriptedOrigin(async (connection) => {
    connections += 1;
    await connection.until(HEAD_END);
    connection.send(OK);
  });
  const far = { intervalMs: 60_000, target: undefined };
  const peer = peerAt('vm-a', server.port, { health: far });
  const prober = proberOf(t, peerTools());
  prober.watch([peer]);
  await until(() => peer.sight.reachable === true);
  prober.watch([peer]);
  const gone = peerAt('vm-b', server.port, { health: SOON });
  prober.watch([peer, gone]);
  await until(() => gone.sight.reachable === true);
  prober.watch([peer]);
  const after = connections;
  t.ok(after >= 2);
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.ok(connections <= after + 1, 'but for one that was under way');
});

t.test('Prober blames no peer for a look that is given up, or for a fault of ours', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const silent = peerAt('vm-a', server.port, { health: SOON });
  const tools = peerTools();
  const prober = proberOf(t, tools);
  prober.watch([silent]);
  await until(() => tools.ledger.opened.upstream === 1);
  prober.stop();
  await until(() => tools.ledger.open('upstream') === 0);
  t.ok(silent.isUp);
  const failing = { ...peerTools(), resolve: () => Promise.reject(new ProxyError('saturated')) };
  const named = peerAt('vm-a', 9, { health: SOON });
  let looks = 0;
  const counting = new Prober({
    tools: () => {
      looks += 1;
      return failing;
    },
    via: '1.1 t1-0',
    random: () => 0,
  });
  counting.watch([named]);
  await until(() => looks >= 3);
  counting.stop();
  t.ok(named.isUp, 'and looks on');
});
