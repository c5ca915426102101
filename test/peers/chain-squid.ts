/**
 * The tables of RFC 9110 and 9112 through what is mixed: Weir before a real Squid, and a real Squid before Weir. What Squid (5.7) does its
 * own way is named here, and why, and what becomes of it: each of these is played, too, and where it begins to hold, or fails in another
 * way, the test fails until that is said here.
 */
import t from 'tap';
import { owned } from '../fixtures/owned.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { Squid } from '../fixtures/squid.ts';
import { needTool } from '../fixtures/tools.ts';
import { type Excuse, NOTHING_COMES, Unheld } from '../fixtures/unheld.ts';
import { type Way, wireBy } from '../fixtures/wire.ts';

t.setTimeout(120_000);

const hosts = ['origin.example'];
const SQUID = ['http_access allow all', 'server_persistent_connections on'];

const ANYWHERE: readonly Excuse[] = [
  {
    pattern: /^5\.1 Field names: .* to a request/,
    why: 'it adds max-age to the Cache-Control of requests',
    fault: /no-transform.*, but GET .*\r\nCache-Control: [^\r]*max-age=\d/s,
  },
  {
    pattern: /^5\.3 Order: .* in an answer$/,
    why: 'it writes names that it knows in letters of its own',
    fault: /, but .*\r\nSet-Cookie: a=1\r\nX-B: 0\r\nSet-Cookie: b=2\r\nSet-Cookie: c=3\r\n/s,
  },
  {
    pattern: /^(6\.5\.1|7\.1\.2) Trailers: |as a trailer$/,
    why: 'it drops trailers',
    fault: /trailer.*, but .*\r\n\r\n(a|hi)$/s,
    count: 4,
  },
  {
    pattern: /^7\.6\.2 Max-Forwards: other methods/,
    why: 'it takes Max-Forwards away from GET',
    fault: /, but GET (?!.*Max-Forwards).*\r\n\r\n$/s,
  },
  {
    pattern: /^7\.6\.3 Via: (it is in what|members|hosts)/,
    why: 'it adds its name, and has no pseudonym',
    fault: /, but .*\r\nVia: [^\r]*1\.1 mix(first|last)\b/s,
    count: 4,
  },
  {
    pattern: /^(15 Status codes: one|2\.3 .*\/1\.0 answer|4 Status line: )/,
    why: 'it words phrases anew',
    fault: /, but HTTP\/1\.1 (200 OK|299 Unassigned)\r\n/,
    count: 3,
  },
  {
    pattern: /^3\.2\.4 Asterisk form: OPTIONS without/,
    why: 'it asks for "/"',
    fault: /, but OPTIONS \/ HTTP\//,
  },
  // As it happens: so no fault is named.
  {
    pattern: /^6\.1 Transfer-Encoding: chunks of a request/,
    why: 'it goes by their length where all of them have come',
  },
];
const LAST: readonly Excuse[] = [
  {
    pattern: /^(2\.2|5\.1 Field lines:|5\.2) .* answer|^6\.1 .*\/1\.0 answer/,
    why: 'it mends what an origin says amiss',
    fault: / 502 , but HTTP\/1\.1 200 OK\r\n/,
    count: 5,
  },
  {
    pattern: /^6\.3 .* in an answer$/,
    why: 'it refuses such an answer itself',
    fault: /nonsense.*, but HTTP\/1\.1 502 .*\r\nX-Squid-Error: ERR_INVALID_RESP 0\r\n/s,
    count: 9,
  },
  {
    pattern: /^6\.2 Content-Length: never with/,
    why: 'it goes by one of them',
    fault: / 502 , but HTTP\/1\.1 200 OK\r\n.*\r\n\r\nhi$/s,
  },
];
/** What a client says amiss is not among them: Squid is asked first (see `isBehind`). */
const FIRST: readonly Excuse[] = [
  {
    pattern: /^5\.6\.1 Lists: empty elements of Expect/,
    why: 'it knows no list there',
    fault: /^Answered before the origin was asked: HTTP\/1\.1 417 /,
  },
  {
    pattern: /^7\.6\.3 Via: the version/,
    why: 'it speaks HTTP/1.1',
    fault: /, but GET .*\r\nVia: 1\.0 mixfirst, 1\.1 t2-/s,
  },
  {
    pattern: /^10\.1\.1 Expect: that of an HTTP\/1\.0/,
    why: 'it sends it on by HTTP/1.1',
    fault: /not expect, but POST .*\r\nExpect: 100-continue\r\n/s,
  },
  {
    pattern: /^9\.3 Persistence: an HTTP\/1\.0 client/,
    why: 'it keeps such clients',
    fault: NOTHING_COMES,
    count: 2,
  },
];

interface MixedWay extends Way {
  readonly unheld: Unheld;
}

async function weirBeforeSquid(program: string): Promise<MixedWay> {
  const squid = await Squid.start(t, program, { name: 'mixlast', hosts, lines: SQUID });
  const peers = `{ next: { address: "127.0.0.1:${squid.port}" } }`;
  const keys = { name: 't1', peers, routes: '[{ name: out, peers: [next] }]' };
  const { port } = owned(t, await startProxy(yamlOf(keys)));
  return { port, where: 'Weir before Squid', unheld: new Unheld([...ANYWHERE, ...LAST]) };
}

async function squidBeforeWeir(program: string): Promise<MixedWay> {
  const weir = owned(t, await startProxy(yamlOf({ name: 't2' })));
  const parent = `cache_peer 127.0.0.1 parent ${weir.port} 0 no-query no-digest default`;
  const lines = [...SQUID, parent, 'never_direct allow all'];
  const { port } = await Squid.start(t, program, { name: 'mixfirst', hosts, lines });
  const unheld = new Unheld([...ANYWHERE, ...FIRST]);
  return { port, where: 'Squid before Weir', isBehind: true, unheld };
}

const program = await needTool(t, 'squid');
if (program !== undefined) {
  const ways = [await weirBeforeSquid(program), await squidBeforeWeir(program)];
  wireBy(async () => ways);
  for (const file of ['rfc9110', 'rfc9112']) await import(`../conformance/${file}.ts`);
  t.test('what Squid does its own way', async (t) => {
    for (const { where, unheld } of ways) t.same(unheld.miscounted, [], `${where}: it is what is named`);
  });
}
