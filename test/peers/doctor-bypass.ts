/** NO_PROXY as doctor says that runtimes read it, against the real ones: curl, Python's urllib, node:http and fetch of Node. */
import http from 'node:http';
import type net from 'node:net';
import t, { type Test } from 'tap';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { bypassOf, type ListReader } from '#doctor/bypass.ts';
import { owned } from '../fixtures/owned.ts';
import { run } from '../fixtures/run.ts';
import { needTool } from '../fixtures/tools.ts';

/** Names that nobody can resolve, so that what goes past the proxy fails. */
const HOSTS = ['corp.invalid', 'a.corp.invalid', 'xcorp.invalid', '10.1.2.3'];
const LISTS = [
  'corp.invalid',
  '.corp.invalid',
  '*.corp.invalid',
  '*',
  'rp.invalid',
  'a.corp.invalid:80',
  'a.corp.invalid:81',
  '10.0.0.0/8',
  '10.1.2.3',
  '10.0.0.0-10.255.255.255',
  'other, corp.invalid',
  'CORP.invalid',
  'other,*',
];
const CASES = LISTS.flatMap((list) => HOSTS.map((host) => ({ list, host })));

/** The hosts that came to a proxy, in the order of their first request. */
async function startProxy(t: Test) {
  const asked = new Set<string>();
  const server = http.createServer((request, response) => {
    asked.add(String(request.headers.host));
    response.writeHead(403).end();
  });
  server.on('connect', (request, socket: net.Socket) => {
    asked.add(String(request.url).replace(/:80$/, ''));
    socket.on('error', () => {});
    socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owned(t, {
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return { url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, asked };
}

function foretold(reader: ListReader, list: string): string[] {
  return HOSTS.filter((host) => bypassOf(reader, list, { host, port: 80 }) === undefined);
}

t.test('curl', async (t) => {
  const curl = await needTool(t, 'curl');
  if (curl === undefined) return;
  for (const list of LISTS) {
    const { url, asked } = await startProxy(t);
    const urls = HOSTS.map((host) => `http://${host}/`);
    await run(curl, ['-q', '-s', '--connect-timeout', '0.2', ...urls], {
      env: { http_proxy: url, no_proxy: list },
    });
    t.same([...asked], foretold('curl', list), list);
  }
});

t.test("Python's urllib, where requests adds networks alone", async (t) => {
  const python = await needTool(t, 'python3');
  if (python === undefined) return;
  const program = `import json, sys, urllib.request
print(json.dumps([bool(urllib.request.proxy_bypass_environment(c["host"] + ":80", {"no": c["list"]})) for c in json.load(sys.stdin)]))`;
  const { stdout } = await run(python, ['-c', program], { input: JSON.stringify(CASES) });
  const real: boolean[] = JSON.parse(stdout);
  for (const [index, { list, host }] of CASES.entries()) {
    if (list.includes('/')) continue;
    t.equal(bypassOf('python', list, { host, port: 80 }) !== undefined, real[index], `${list} ${host}`);
  }
});

t.test('node:http and fetch of Node, taken together', async (t) => {
  for (const list of LISTS) {
    const [byHttp, byFetch] = await Promise.all([httpThrough(t, list), fetchThrough(t, list)]);
    t.same(
      HOSTS.filter((host) => byHttp.has(host) && byFetch.has(host)),
      foretold('node', list),
      list,
    );
  }
});

async function httpThrough(t: Test, list: string): Promise<ReadonlySet<string>> {
  const { url, asked } = await startProxy(t);
  const agent = new http.Agent({ proxyEnv: { http_proxy: url, no_proxy: list } });
  for (const host of HOSTS) {
    await new Promise<void>((resolve) => {
      const request = http.get({ host, port: 80, agent, timeout: 200 }, (response) => {
        response.resume();
        resolve();
      });
      request.on('timeout', () => request.destroy()).on('error', () => resolve());
    });
  }
  agent.destroy();
  return asked;
}

async function fetchThrough(t: Test, list: string): Promise<ReadonlySet<string>> {
  const { url, asked } = await startProxy(t);
  const dispatcher = new EnvHttpProxyAgent({ httpProxy: url, httpsProxy: url, noProxy: list });
  for (const host of HOSTS) {
    await fetch(`http://${host}/`, { dispatcher, signal: AbortSignal.timeout(200) }).catch(() => {});
  }
  await dispatcher.destroy();
  return asked;
}
