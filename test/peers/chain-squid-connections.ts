/**
 * What takes a connection of its own (rfc9110-connections.ts, rfc9112-connections.ts) through what is mixed: Weir before a real Squid, and
 * a real Squid before Weir. As in chain-squid.ts, what Squid (5.7) does its own way is named, played, and must fail as it is said to.
 */
import t from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import { scenesUnheld } from '../fixtures/scene.ts';
import { type Keys, type Served, serveBy, serveHere } from '../fixtures/served.ts';
import { Squid } from '../fixtures/squid.ts';
import { needTool } from '../fixtures/tools.ts';
import { type Excuse, NOTHING_COMES, Unheld } from '../fixtures/unheld.ts';

t.setTimeout(120_000);

const hosts = ['origin.example'];
const SQUID = [
  'http_access allow all',
  'server_persistent_connections on',
  'http_upgrade_request_protocols OTHER allow all',
];

const ANYWHERE: readonly Excuse[] = [
  {
    pattern: /^7\.8 Upgrade: with an expectation/,
    why: 'it refuses a GET with a body',
    fault: NOTHING_COMES,
  },
];
const LAST: readonly Excuse[] = [
  {
    pattern: /^7\.6 Forwarding: .* to the proxy itself/,
    why: 'it knows itself, and says so in its own way',
    fault: /^403, but 400$/,
  },
  {
    pattern: /^9\.2\.2 Idempotent methods:/,
    why: 'it asks with a POST on a new connection',
    fault: /^Connection over \(end\) after: $/,
  },
];
const FIRST: readonly Excuse[] = [
  {
    pattern: /^10\.1\.1 Expect: the head goes on/,
    why: 'it sends fields with a 100',
    fault: /, but HTTP\/1\.1 100 Continue\r\n[^\r]/,
  },
  {
    pattern: /^8 Incomplete messages: an answer that is /,
    why: 'it ends the connection in order',
    fault: /^ECONNRESET, but end$/,
    count: 3,
  },
  {
    pattern: /^9\.3 Persistence: the body of a request that is answered/,
    why: 'it ends such a connection',
    fault: NOTHING_COMES,
  },
];

/** What is about one hop: its peer is the test itself, or its client is to sign in with it. */
const isAlone = ({ peers, auth }: Keys): boolean => peers !== undefined || auth !== undefined;

async function weirBeforeSquid(program: string): Promise<(keys: Keys) => Promise<Served>> {
  const squid = await Squid.start(t, program, { name: 'linelast', hosts, lines: SQUID });
  const peers = `{ next: { address: "127.0.0.1:${squid.port}" } }`;
  return async (keys) => {
    if (isAlone(keys)) return await serveHere(keys);
    const weir = await serveHere({ ...keys, peers, routes: '[{ name: out, peers: [next] }]' });
    return { ...weir, lastPort: squid.port, brokenOff: 'peer_terminated' };
  };
}

/** Squid goes on from one Weir to the next, which are on one port: nobody gets it between them (see `freePort`). */
async function squidBeforeWeir(program: string): Promise<(keys: Keys) => Promise<Served>> {
  const port = await freePort();
  const listeners = `[{ name: main, address: "127.0.0.1:${port}" }]`;
  const parent = `cache_peer 127.0.0.1 parent ${port} 0 no-query no-digest default connect-fail-limit=1000`;
  const lines = [...SQUID, parent, 'never_direct allow all'];
  let squid: Squid | undefined;
  return async (keys) => {
    if (isAlone(keys)) return await serveHere(keys);
    const weir = await serveHere({ ...keys, listeners });
    // It finds its parent there when it starts.
    squid ??= await Squid.start(t, program, { name: 'linefirst', hosts, lines });
    return { ...weir, port: squid.port };
  };
}

const program = await needTool(t, 'squid');
if (program !== undefined) {
  for (const [order, start, excuses] of [
    ['Weir before Squid', weirBeforeSquid, [...ANYWHERE, ...LAST]],
    ['Squid before Weir', squidBeforeWeir, [...ANYWHERE, ...FIRST]],
  ] as const) {
    const unheld = new Unheld(excuses);
    serveBy(await start(program));
    scenesUnheld(unheld);
    for (const file of ['rfc9110', 'rfc9112']) await import(`../conformance/${file}-connections.ts?${order}`);
    // The tests of the next order are declared when those of this are over.
    await t.test(`${order}: it is what is named`, async (t) => {
      t.same(unheld.miscounted, []);
    });
  }
}
