/** What `weir explain` says of a cache, held to what a running proxy does with the same request. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { type CachePart, cachePart } from '#study/cache-terms.ts';
import { explain } from '#study/explain.ts';
import { tierInForce } from '#study/tier.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const YAML = yamlOf({
  acls: '{ plain: { dstDomains: [plain.example] } }',
  access:
    '[{ name: plain, allow: [plain] }, { name: kept, allow: [all], cache: true, upgrade: [websocket] }]',
  dns: '{ hostsFile: none, servers: [127.0.0.1:9], hosts: { origin.example: 127.0.0.1, plain.example: 127.0.0.1 } }',
});

interface Request {
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const REQUESTS: readonly (readonly [Request, CachePart])[] = [
  [{}, 'keep'],
  [{ headers: { Range: 'bytes=0-1' } }, 'keep'],
  [{ headers: { 'Content-Length': '0' } }, 'keep'],
  [{ headers: { Upgrade: 'h2c', Connection: 'upgrade' } }, 'keep'],
  [{ method: 'HEAD' }, 'serve'],
  [{ headers: { 'Cache-Control': 'no-store' } }, 'serve'],
  [{ headers: { 'Content-Length': '3' }, body: 'abc' }, 'bypass'],
  [{ headers: { 'Transfer-Encoding': 'chunked' }, body: '0\r\n\r\n' }, 'bypass'],
  [{ headers: { Expect: '100-continue' } }, 'bypass'],
  [{ headers: { Trailer: 'X-Sum' } }, 'bypass'],
  [{ headers: { Upgrade: 'websocket', Connection: 'upgrade' } }, 'bypass'],
  [{ method: 'HEAD', headers: { Upgrade: 'websocket', Connection: 'upgrade' } }, 'serve'],
  [{ method: 'OPTIONS' }, 'bypass'],
  [{ method: 'POST', headers: { 'Content-Length': '3' }, body: 'abc' }, 'invalidate'],
  [{ method: 'DELETE' }, 'invalidate'],
  [{ host: 'plain.example' }, 'off'],
];

/** Who asks one thing after the other, and waits for the record of each. */
class Asker {
  readonly #proxy: TestProxy;
  #asked = 0;

  constructor(proxy: TestProxy) {
    this.#proxy = proxy;
  }

  async ask(url: string, { method = 'GET', headers = {}, body = '' }: Request = {}) {
    await using client = await RawClient.connect(this.#proxy.port);
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    client.send(`${method} ${url} HTTP/1.1\r\nHost: x\r\n${fields.join('')}\r\n${body}`);
    let status = 0;
    while (status < 200) ({ status } = await readAnswer(client, { bodyless: method === 'HEAD' }));
    this.#asked += 1;
    const records = await this.#proxy.ended(this.#asked);
    return { status, cache: records[this.#asked - 1]?.cache };
  }

  async isKept(url: string): Promise<boolean> {
    return (await this.ask(url, { headers: { 'Cache-Control': 'only-if-cached' } })).status === 200;
  }
}

/** What the proxy does with it, where something is kept for it and where nothing is. */
async function seen(asker: Asker, base: string, request: Request): Promise<CachePart> {
  await asker.ask(`${base}/kept`);
  const { cache } = await asker.ask(`${base}/kept`, request);
  if (cache === undefined) return 'off';
  const isLeft = await asker.isKept(`${base}/kept`);
  if (cache === 'bypass') return isLeft ? 'bypass' : 'invalidate';
  await asker.ask(`${base}/new`, request);
  return (await asker.isKept(`${base}/new`)) ? 'keep' : 'serve';
}

t.test('explain foretells what the cache has to do with a request', async (t) => {
  await using origin = await httpOrigin((request, response) => {
    request.resume().on('end', () => response.setHeader('Cache-Control', 'max-age=600').end('body'));
  });
  await using proxy = await startProxy(YAML);
  const asker = new Asker(proxy);
  const first = tierInForce({ config: await parseConfig(YAML, {}) });
  for (const [index, [request, part]] of REQUESTS.entries()) {
    const { host = 'origin.example', method, headers } = request;
    const base = `http://${host}:${origin.port}/${index}`;
    const question = { ip: '127.0.0.1', listener: 'main', method, headers, target: `${base}/kept` };
    const { hops } = await explain({ first, question, names: 'unknown' });
    const told = hops.map((hop) => cachePart(hop));
    t.same([told, await seen(asker, base, request)], [[part], part], JSON.stringify(request));
  }
});
