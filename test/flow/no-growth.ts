/**
 * Clients that come again and again, each time with something new: a name, a path, a field, a head that never ends. What they have
 * said is forgotten when they are gone, but for what has a bound.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

t.setTimeout(120_000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Clients of a round; the first rounds fill what has a bound, and teach V8 the way. */
const CLIENTS = 80;
const WARM_UP = 6;
const MEASURED = 5;
/** A Transaction alone takes more than that, and so does what each of them says. */
const MOST_BYTES = 2000;
/** What another collection may bring without another being worth it. */
const SETTLED_BYTES = 4096;

/** A thing of its own for each client. */
const long = (i: number): string => `${i}-${'x'.repeat(3000)}`;

/** What client `i` says, with an `origin` that it may reach. */
const ATTACKS: Readonly<Record<string, (i: number, origin: string) => string>> = {
  nonsense: (i) => `${long(i)}\r\n\r\n`,
  'names that are denied': (i) => `CONNECT ${i}.denied.example:443 HTTP/1.1\r\nHost: x\r\n\r\n`,
  'names that cannot be resolved': (i) => `CONNECT ${i}.nowhere.example:443 HTTP/1.1\r\nHost: x\r\n\r\n`,
  'URLs and fields': (i, origin) =>
    `GET http://${origin}/${long(i)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-${i}: ${long(i)}\r\n\r\n`,
  'tunnels to an origin that answers once': (i, origin) =>
    `CONNECT ${origin} HTTP/1.1\r\nHost: x\r\nX-${i}: ${long(i)}\r\n\r\nGET / HTTP/1.0\r\n\r\n`,
};

/** One after the other. */
async function visit(proxy: TestProxy, textOf: (i: number) => string, first: number): Promise<void> {
  for (let i = first; i < first + CLIENTS; i += 1) {
    await using client = await RawClient.connect(proxy.port);
    client.send(textOf(i));
    await client.rest();
    client.end();
  }
  await proxy.allClosed();
  // They are the test's to forget.
  (proxy.records as RecordEntry[]).length = 0;
}

/** Bytes in use when all that can be collected is: when collecting again brings no more. */
async function inUse(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let quiet = 0, tries = 0; quiet < 2 && tries < 30; tries += 1) {
    // What is closing has callbacks that are yet to come.
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
    const { heapUsed, external } = process.memoryUsage();
    quiet = heapUsed + external < least - SETTLED_BYTES ? 0 : quiet + 1;
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

/**
 * Bytes that a client more adds: the median of the slopes between all rounds. V8 has some 500 kB more in use after one round and not
 * after the next, as it compiles; what is kept for each client is there in every slope.
 */
function growthOf(rounds: readonly number[]): number {
  const slopes = rounds.flatMap((before, i) =>
    rounds.slice(i + 1).map((after, further) => (after - before) / ((further + 1) * CLIENTS)),
  );
  return slopes.toSorted((a, b) => a - b)[Math.floor(slopes.length / 2)] as number;
}

for (const [what, textOf] of Object.entries(ATTACKS)) {
  // Attacks: bounded.
  t.test(`memory does not grow with ${what}`, async (t) => {
    await using web = await httpOrigin((_request, response) => {
      response.setHeader('Connection', 'close');
      response.end('hi');
    });
    await using proxy = await startProxy(
      yamlOf({
        acls: '{ denied: { dstDomains: [.denied.example] } }',
        access: '[{ name: denied, deny: [denied] }, { name: rest, allow: [all] }]',
      }),
    );
    const say = (i: number): string => textOf(i, `origin.example:${web.port}`);
    const bytes: number[] = [];
    for (let round = 0; round < WARM_UP + MEASURED; round += 1) {
      await visit(proxy, say, round * CLIENTS);
      if (round >= WARM_UP) bytes.push(await inUse());
    }
    const each = growthOf(bytes);
    t.ok(each < MOST_BYTES, `${Math.round(each)} bytes for each client`);
  });
}
