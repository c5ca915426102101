import t, { type Test } from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import { parseAuthority } from '#net/authority.ts';
import type { PeerDial } from '#peer/dial-peer.ts';
import type { PeerOptions } from '#peer/options.ts';
import { type Look, lookAt, lookThrough } from '#peer/probe.ts';
import { GONE } from '#peer/sight.ts';
import { HEAD_END, scriptedOrigin } from '../../fixtures/exchange.ts';
import { peerOptions, peerTools } from '../../fixtures/peer.ts';
import { closedPort, faultOf, until } from '../../fixtures/sockets.ts';

const VIA = '1.1 t1-0';

function dialOf(port: number, parts: Partial<PeerOptions> = {}): PeerDial {
  return {
    tools: peerTools(),
    options: peerOptions('vm-a', port, parts),
    tls: undefined,
    abort: new Abort(),
  };
}

interface Looked extends Look {
  readonly asked: string;
}

/** Looks at a peer that answers so, or through it. */
async function looked(t: Test, answer: string, parts: Partial<PeerOptions> = {}): Promise<[Looked, Looked]> {
  let asked = '';
  await using server = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    asked = connection.received();
    connection.send(answer);
  });
  const dial = dialOf(server.port, parts);
  const at = { ...(await lookAt(dial, VIA)), asked };
  const through = { ...(await lookThrough(dial, 'canary.example:443', VIA)), asked };
  await until(() => dial.tools.ledger.open('upstream') === 0);
  t.equal(dial.tools.wheel.size, 0);
  return [at, through];
}

t.test('lookAt() asks a peer of ours for a name that it answers itself', async (t) => {
  const [at, through] = await looked(t, 'HTTP/1.1 200 OK\r\n\r\n');
  t.equal(
    at.asked,
    'CONNECT probe.weir.invalid:443 HTTP/1.1\r\nHost: probe.weir.invalid:443\r\nVia: 1.1 t1-0\r\n\r\n',
  );
  t.same(at.sight, { reachable: true, authorised: true });
  t.equal(at.fault, undefined);
  t.match(through.asked, /^CONNECT canary\.example:443 /);
  t.same(through.sight, { reachable: true, authorised: true, egress: true });
});

t.test('lookAt() and lookThrough() tell the peer by whom they ask, as traffic does', async (t) => {
  for (const { asked } of await looked(t, 'HTTP/1.1 200 OK\r\n\r\n', { authorization: 'Basic dDE6eA==' }))
    t.match(asked, /\r\nProxy-Authorization: Basic dDE6eA==\r\n\r\n$/);
});

t.test('lookAt() only connects to another proxy', async (t) => {
  let received = '';
  await using server = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END).catch(() => {});
    received = connection.received();
  });
  const dial = dialOf(server.port, { hop: false });
  t.same(await lookAt(dial, VIA), { sight: { reachable: true }, fault: undefined });
  await until(() => dial.tools.ledger.open('upstream') === 0);
  t.equal(received, '');
});

const ANSWERS: Readonly<
  Record<string, readonly [answer: string, authorised: boolean | undefined, fault?: string]>
> = {
  'a refusal': [
    'HTTP/1.1 403 No\r\nProxy-Status: t2;error=http_request_denied\r\nContent-Length: 0\r\n\r\n',
    false,
  ],
  'what it says of a target': [
    'HTTP/1.1 502 Bad\r\nProxy-Status: t2;error=dns_error\r\nContent-Length: 0\r\n\r\n',
    true,
  ],
  'wrong credentials': ['HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n', false, 'peer_auth_required'],
  'a shutdown': [
    'HTTP/1.1 503 Wait\r\nProxy-Status: t2;details="draining"\r\nContent-Length: 0\r\n\r\n',
    undefined,
    'peer_faulty',
  ],
};

for (const [what, [answer, authorised, fault]] of Object.entries(ANSWERS)) {
  t.test(`A look that is answered by ${what}`, async (t) => {
    const [at, through] = await looked(t, answer);
    const known = authorised === undefined ? { reachable: true } : { reachable: true, authorised };
    t.same(at.sight, known);
    t.equal(at.fault?.reason, fault);
    t.same(through.sight, { ...known, egress: false });
    t.equal(through.fault?.reason, fault);
  });
}

t.test('A peer that cannot be connected to, or answers nonsense, cannot be reached', async (t) => {
  const down = await lookAt(dialOf(await closedPort()), VIA);
  t.same(down.sight, GONE, 'and nothing is claimed of what it did before');
  t.equal(down.fault?.reason, 'peer_unavailable');
  const [at, through] = await looked(t, 'SSH-2.0-x\r\n\r\n');
  t.same([at.sight, at.fault?.reason], [GONE, 'peer_protocol_error']);
  t.same([through.sight, through.fault?.reason], [{ ...GONE, egress: false }, 'peer_protocol_error']);
});

t.test('A look that takes too long is a fault of the peer, one that is given up is none', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  for (const reason of ['peer_timeout', 'draining'] as const) {
    const dial = dialOf(server.port);
    const look = lookAt(dial, VIA);
    const before = server.connections();
    await until(() => dial.tools.ledger.opened.upstream === 1 && server.connections() >= before);
    const error = new ProxyError(reason);
    dial.abort.abort(error);
    if (reason === 'draining') t.equal(await faultOf(look), error);
    else t.match(await look, { sight: GONE, fault: { reason } });
    await until(() => dial.tools.ledger.open('upstream') === 0);
  }
});

t.test('A fault of ours says nothing of the peer', async (t) => {
  const dial = dialOf(9, { address: parseAuthority('vm-a.example:9') });
  const resolve = (): Promise<never> => Promise.reject(new ProxyError('saturated'));
  t.match(await faultOf(lookAt({ ...dial, tools: { ...dial.tools, resolve } }, VIA)), {
    reason: 'saturated',
  });
});
