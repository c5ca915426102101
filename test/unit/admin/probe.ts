import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { probeReadiness } from '#admin/probe.ts';

async function admin(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const ANSWERS: Readonly<Record<string, readonly [status: number, fault: string | undefined]>> = {
  'nothing against 200': [200, undefined],
  'the status where it is another': [503, 'it answered 503'],
  'the status where it is another success': [204, 'it answered 204'],
};

for (const [what, [status, fault]] of Object.entries(ANSWERS)) {
  t.test(`probeReadiness() has ${what}`, async (t) => {
    const urls: (string | undefined)[] = [];
    const port = await admin(t, (request, response) => {
      urls.push(request.url);
      response.writeHead(status).end('a body that nobody reads');
    });
    t.equal(await probeReadiness({ host: '127.0.0.1', port, timeoutMs: 5000 }), fault);
    t.same(urls, ['/readyz']);
  });
}

const BODIES: Readonly<Record<string, readonly [body: string, fault: string]>> = {
  'the reasons': ['{"ready":false,"reasons":["draining","no peer"]}', 'it answered 503: draining, no peer'],
  'no reason where there is none': ['{"ready":false,"reasons":[]}', 'it answered 503'],
  'no reason in another form': ['{"reasons":7}', 'it answered 503'],
  'no reason where it is too long': [`{"reasons":["${'x'.repeat(5000)}"]}`, 'it answered 503'],
  'reasons that move no cursor': ['{"reasons":["a\\u001b[2Jb"]}', 'it answered 503: a?[2Jb'],
};

for (const [what, [body, fault]] of Object.entries(BODIES)) {
  t.test(`probeReadiness() has ${what}`, async (t) => {
    const port = await admin(t, (_request, response) => void response.writeHead(503).end(body));
    t.equal(await probeReadiness({ host: '127.0.0.1', port, timeoutMs: 5000 }), fault);
  });
}

t.test('probeReadiness() has the status alone where the rest does not come', async (t) => {
  const port = await admin(t, (_request, response) => void response.writeHead(503).write('{"reasons'));
  t.equal(await probeReadiness({ host: '127.0.0.1', port, timeoutMs: 1000 }), 'it answered 503');
});

t.test('probeReadiness() has the code where nobody listens', async (t) => {
  t.equal(await probeReadiness({ host: '127.0.0.1', port: 1, timeoutMs: 5000 }), 'ECONNREFUSED');
});

t.test('probeReadiness() has its own words where nobody answers in time', async (t) => {
  const port = await admin(t, () => {});
  t.equal(await probeReadiness({ host: '127.0.0.1', port, timeoutMs: 50 }), 'no answer in 50 ms');
});

t.test('probeReadiness() has the code where something else answers', async (t) => {
  const port = await admin(t, ({ socket }) => void socket.end('SSH-2.0-x\r\n\r\n'));
  t.equal(await probeReadiness({ host: '127.0.0.1', port, timeoutMs: 5000 }), 'HPE_INVALID_CONSTANT');
});
