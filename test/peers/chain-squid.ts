/**
 * The tables of RFC 9110 and 9112 through what is mixed: Weir before a real Squid, and a real Squid before Weir. What Squid does its own
 * way is named here, and why: each of these is played, too, and where it begins to hold the test fails until it is named no more.
 */
import t from 'tap';
import { owned } from '../fixtures/owned.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { Squid } from '../fixtures/squid.ts';
import { needTool } from '../fixtures/tools.ts';
import { type Excuse, Unheld } from '../fixtures/unheld.ts';
import { type Way, wireBy } from '../fixtures/wire.ts';

t.setTimeout(120_000);

const hosts = ['origin.example'];
const SQUID = ['http_access allow all', 'server_persistent_connections on'];

const ANYWHERE: readonly Excuse[] = [
  { pattern: /^5\.1 Field names: .* to a request/, why: 'it adds max-age to the Cache-Control of requests' },
  { pattern: /^5\.3 Order: .* in an answer$/, why: 'it writes names that it knows in letters of its own' },
  { pattern: /^(6\.5\.1|7\.1\.2) Trailers: |as a trailer$/, why: 'it drops trailers' },
  { pattern: /^7\.6\.2 Max-Forwards: other methods/, why: 'it takes Max-Forwards away from GET' },
  { pattern: /^7\.6\.3 Via: (it is in what|members|hosts)/, why: 'it adds its name, and has no pseudonym' },
  { pattern: /^(15 Status codes: one|2\.3 .*\/1\.0 answer|4 Status line: )/, why: 'it words phrases anew' },
  { pattern: /^3\.2\.4 Asterisk form: OPTIONS without/, why: 'it asks for "/"' },
  {
    pattern: /^6\.1 Transfer-Encoding: chunks of a request/,
    why: 'it goes by their length where all of them have come',
    isChance: true,
  },
];
const LAST: readonly Excuse[] = [
  {
    pattern: /^(2\.2|5\.1 Field lines:|5\.2) .* answer|^6\.1 .*\/1\.0 answer|^6\.3 .* in an answer$/,
    why: 'it mends what an origin says amiss',
  },
  { pattern: /^6\.2 Content-Length: never with/, why: 'it goes by one of them' },
];
/** What a client says amiss is not among them: Squid is asked first (see `isBehind`). */
const FIRST: readonly Excuse[] = [
  { pattern: /^5\.6\.1 Lists: empty elements of Expect/, why: 'it knows no list there' },
  { pattern: /^7\.6\.3 Via: the version/, why: 'it speaks HTTP/1.1' },
  { pattern: /^10\.1\.1 Expect: that of an HTTP\/1\.0/, why: 'it sends it on by HTTP/1.1' },
  { pattern: /^9\.3 Persistence: an HTTP\/1\.0 client/, why: 'it keeps such clients' },
];

interface MixedWay extends Way {
  readonly unheld: Unheld;
  /** How many exchanges it is that do not hold. */
  readonly count: number;
}

async function weirBeforeSquid(program: string): Promise<MixedWay> {
  const squid = await Squid.start(t, program, { name: 'mixlast', hosts, lines: SQUID });
  const peers = `{ next: { address: "127.0.0.1:${squid.port}" } }`;
  const keys = { name: 't1', peers, routes: '[{ name: out, peers: [next] }]' };
  const { port } = owned(t, await startProxy(yamlOf(keys)));
  return { port, where: 'Weir before Squid', unheld: new Unheld([...ANYWHERE, ...LAST]), count: 31 };
}

async function squidBeforeWeir(program: string): Promise<MixedWay> {
  const weir = owned(t, await startProxy(yamlOf({ name: 't2' })));
  const parent = `cache_peer 127.0.0.1 parent ${weir.port} 0 no-query no-digest default`;
  const lines = [...SQUID, parent, 'never_direct allow all'];
  const { port } = await Squid.start(t, program, { name: 'mixfirst', hosts, lines });
  const unheld = new Unheld([...ANYWHERE, ...FIRST]);
  return { port, where: 'Squid before Weir', isBehind: true, unheld, count: 21 };
}

const program = await needTool(t, 'squid');
if (program !== undefined) {
  const ways = [await weirBeforeSquid(program), await squidBeforeWeir(program)];
  wireBy(async () => ways);
  for (const file of ['rfc9110', 'rfc9112']) await import(`../conformance/${file}.ts`);
  t.test('what Squid does its own way', async (t) => {
    for (const { where, unheld, count } of ways) {
      t.same(unheld.unused, [], `${where}: nothing is named that has no case`);
      t.equal(unheld.count, count, where);
    }
  });
}
