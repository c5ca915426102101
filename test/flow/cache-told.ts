/** What is told of a cache is the same everywhere: in `Cache-Status`, in the record and in the metric, at either tier. */
import t, { type Test } from 'tap';
import { type Answer, readAnswer } from '../fixtures/answer.ts';
import { firstTier, secondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { type Served, serve } from '../fixtures/served.ts';
import { closedPort } from '../fixtures/sockets.ts';

const CACHED = { access: '[{ name: everything, allow: [all], cache: true }]' };
const ENDED_60_S_AGO = `Cache-Control: max-age=60\r\nDate: ${new Date(Date.now() - 120_000).toUTCString()}\r\n`;
const UNCHANGED = 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nCache-Control: max-age=60\r\n\r\n';

function kept(fields: string): string {
  return `HTTP/1.1 200 OK\r\n${fields}ETag: "a"\r\nContent-Length: 4\r\n\r\nkept`;
}

/** Of one client to one origin, over one connection: what a worker keeps the others have not. */
class Talk {
  readonly #client: RawClient;
  readonly #origin: RawOrigin;
  #far: RawClient | undefined = undefined;

  private constructor(client: RawClient, origin: RawOrigin) {
    this.#client = client;
    this.#origin = origin;
  }

  static async open(t: Test, proxy: Served): Promise<Talk> {
    const origin = owned(t, await rawOrigin());
    return new Talk(owned(t, await RawClient.connect(proxy.port)), origin);
  }

  /** `method` and a target. @returns the answer; with `says`, the origin is asked and says this */
  async ask(head: string, says?: string, fields = ''): Promise<Answer> {
    const [method, path] = head.split(' ');
    const target = `http://origin.example:${this.#origin.port}${path}`;
    this.#client.send(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${fields}Content-Length: 0\r\n\r\n`);
    if (says !== undefined) await this.#say(says);
    return await readAnswer(this.#client);
  }

  async #say(answer: string): Promise<void> {
    this.#far ??= await this.#origin.accept();
    await this.#far.head();
    this.#far.send(answer);
  }

  /** A tunnel to the same origin, opened and closed. */
  async tunnel(t: Test, { port }: Served): Promise<void> {
    const client = owned(t, await RawClient.connect(port));
    t.match(await client.tunnel(`origin.example:${this.#origin.port}`), /^HTTP\/1\.1 200 /);
    client.end();
    (await this.#origin.accept()).end();
    await client.closed();
  }
}

/** The counts of `weir_cache_requests_total`. */
async function countsOf(proxy: Served): Promise<Readonly<Record<string, number>>> {
  const found = (await proxy.metrics()).matchAll(/^weir_cache_requests_total\{result="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, result = '', count]) => [result, Number(count)]));
}

/** What was counted since `before`. */
async function countedSince(proxy: Served, before: Readonly<Record<string, number>>) {
  const counts = Object.entries(await countsOf(proxy));
  return Object.fromEntries(
    counts
      .map(([result, count]) => [result, count - (before[result] ?? 0)])
      .filter(([, count]) => count !== 0),
  );
}

const statusOf = ({ fields }: Answer): string | undefined =>
  fields['cache-status']?.replaceAll(/ttl=(-?)\d+/g, 'ttl=$1n');

t.test('record, metric and Cache-Status say the same, and tunnels are in none of them', async (t) => {
  const proxy = owned(t, await serve(CACHED));
  const before = await countsOf(proxy);
  const talk = await Talk.open(t, proxy);
  const answers = [
    await talk.ask('GET /', kept('Cache-Control: max-age=60\r\nAge: 50\r\n')),
    await talk.ask('GET /'),
    await talk.ask('GET /', UNCHANGED, 'Cache-Control: no-cache\r\n'),
    await talk.ask('GET /old', kept(ENDED_60_S_AGO)),
    await talk.ask('GET /old', undefined, 'Cache-Control: max-stale\r\n'),
    await talk.ask('POST /', kept('')),
  ];
  await talk.tunnel(t, proxy);
  const records = await proxy.ended(7);
  t.same(answers.map(statusOf), [
    't;fwd=uri-miss;ttl=n;stored',
    't;hit;ttl=n',
    't;fwd=request;fwd-status=304;ttl=n',
    't;fwd=uri-miss;ttl=-n;stored',
    't;hit;ttl=-n',
    't;fwd=method',
  ]);
  t.same(
    records.map(({ cache }) => cache),
    ['miss', 'hit', 'revalidated', 'miss', 'stale', 'bypass', undefined],
  );
  t.same(await countedSince(proxy, before), { hit: 1, miss: 2, stale: 1, revalidated: 1, bypass: 1 });
});

t.test('either tier keeps; a first tier tells which of them has answered', async (t) => {
  const second = owned(t, await serve(secondTier(CACHED)));
  const first = owned(t, await serve(firstTier([second.port], CACHED)));
  const talk = await Talk.open(t, first);
  const fresh = kept('Cache-Control: max-age=600\r\n');
  t.equal(
    statusOf(await talk.ask('GET /', fresh)),
    't2;fwd=uri-miss;ttl=n;stored, t1;fwd=uri-miss;ttl=n;stored',
  );
  t.equal(statusOf(await talk.ask('GET /')), 't1;hit;ttl=n', 'what the second said was of that one request');
});

t.test('where only the second tier keeps, a first tier tells so', async (t) => {
  const second = owned(t, await serve(secondTier(CACHED)));
  const first = owned(t, await serve(firstTier([second.port])));
  const talk = await Talk.open(t, first);
  const fresh = kept('Cache-Control: max-age=600\r\n');
  t.equal(statusOf(await talk.ask('GET /', fresh)), 't2;fwd=uri-miss;ttl=n;stored');
  const hit = await talk.ask('GET /');
  t.equal(statusOf(hit), 't2;hit;ttl=n');
  t.match(hit.fields['proxy-status'], /t2;received-status=200, t1;/);
});

t.test('where the second tier gets no answer, the first gives what it keeps, and tells so', async (t) => {
  const second = owned(t, await serve(secondTier()));
  const first = owned(t, await serve(firstTier([second.port], CACHED)));
  const talk = await Talk.open(t, first);
  await talk.ask('GET /', kept(ENDED_60_S_AGO));
  const answer = await talk.ask('GET /', 'SSH-2.0\r\n');
  t.match(answer, { status: 200, body: 'kept' });
  t.equal(statusOf(answer), 't1;fwd=stale;fwd-status=502;ttl=-n');
  const [, { cache, outcome } = {}] = await first.ended(2);
  t.match({ cache, outcome }, { cache: 'stale', outcome: 'completed' });
});

/** Requests of one client, one after the other, as `method target`, of which Weir answers each itself. */
async function askInVain(t: Test, { port }: Served, heads: readonly string[]) {
  const client = owned(t, await RawClient.connect(port));
  const answers: Answer[] = [];
  for (const head of heads) {
    const [line, field = 'X: y'] = head.split('; ');
    client.send(`${line} HTTP/1.1\r\nHost: x\r\n${field}\r\nContent-Length: 0\r\n\r\n`);
    answers.push(await readAnswer(client));
  }
  return answers;
}

t.test('answers of Weir itself say it too, and nothing where the cache was not asked', async (t) => {
  const proxy = owned(t, await serve(CACHED));
  const before = await countsOf(proxy);
  const closed = `http://origin.example:${await closedPort()}/`;
  const answers = await askInVain(t, proxy, [
    `GET ${closed}; Cache-Control: only-if-cached`,
    `GET ${closed}`,
    `POST ${closed}`,
    'GET http://10.0.0.1/',
    'POST http://10.0.0.1/',
  ]);
  t.same(
    answers.map(({ status }) => status),
    [504, 502, 502, 403, 403],
  );
  t.same(answers.map(statusOf), [
    't;detail=not_cached',
    't;fwd=uri-miss;detail=connection_refused',
    't;fwd=method;detail=connection_refused',
    undefined,
    undefined,
  ]);
  const records = await proxy.ended(5);
  t.same(
    records.map(({ cache }) => cache),
    ['miss', 'miss', 'bypass', undefined, undefined],
  );
  t.same(await countedSince(proxy, before), { miss: 2, bypass: 1 });
});

t.test('a refusal of the second tier says so of each tier that was asked', async (t) => {
  const second = owned(t, await serve(secondTier(CACHED)));
  const first = owned(t, await serve(firstTier([second.port], CACHED)));
  const closed = `http://origin.example:${await closedPort()}/`;
  const answers = await askInVain(t, first, [`GET ${closed}`, `POST ${closed}`, 'GET http://10.0.0.1/']);
  t.same(answers.map(statusOf), [
    't2;fwd=uri-miss;detail=connection_refused, t1;fwd=uri-miss;detail=fault',
    't2;fwd=method;detail=connection_refused, t1;fwd=method',
    't1;fwd=uri-miss;detail=fault',
  ]);
});
