import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { inquire } from '#admin/inquiry.ts';

const HASH = 'a'.repeat(64);
const RULES = 'b'.repeat(64);
const METRICS = `# HELP weir_policy_info x
weir_policy_info{hash="${HASH}",rules="${RULES}"} 1
weir_last_reload_successful 1
weir_tunnels_open{listener="a"} 2
weir_tunnels_open{listener="b"} 3
`;

async function ask(t: Test, metrics: RequestListener, timeoutMs = 5000): Promise<object> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') metrics(request, response);
    else response.writeHead(request.url === '/readyz' ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return inquire({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, timeoutMs });
}

t.test('inquire() has readiness, policy, the last reload and all open tunnels', async (t) => {
  const found = await ask(t, (_request, response) => void response.end(METRICS));
  t.same(found, { ready: true, policy: HASH, rules: RULES, reloaded: true, tunnels: 5 });
});

t.test('inquire() says that the file is not what is in force', async (t) => {
  const found = await ask(t, (_request, response) => void response.end('weir_last_reload_successful 0\n'));
  t.same(found, { ready: true, reloaded: false });
});

const SILENT: Readonly<Record<string, RequestListener>> = {
  'a status that is no success': (_request, response) => void response.writeHead(500).end(METRICS),
  'an answer that is cut short': (_request, response) => {
    response.writeHead(200, { 'Content-Length': '9999' }).write(METRICS);
    setImmediate(() => response.destroy());
  },
  'an answer without end': (_request, response) => void response.end('x'.repeat(5_000_000)),
  'something that is not HTTP': ({ socket }) => void socket.end('SSH-2.0-x\r\n\r\n'),
};

for (const [what, metrics] of Object.entries(SILENT)) {
  t.test(`inquire() leaves out what nobody tells: ${what}`, async (t) => {
    t.same(await ask(t, metrics), { ready: true });
  });
}

t.test('inquire() says why nobody is ready', async (t) => {
  const found = await inquire({ host: '127.0.0.1', port: 1, timeoutMs: 5000 });
  t.same(found, { ready: false, fault: 'ECONNREFUSED' });
});
