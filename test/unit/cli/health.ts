import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { configText } from '../../fixtures/config.ts';
import { weir } from '../../fixtures/weir.ts';

/** An admin server on every address that answers `/readyz` with a status; gives its port. */
async function admin(t: Test, status: number): Promise<number> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? status : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('weir health exits 0 where the proxy is ready', async (t) => {
  const port = await admin(t, 200);
  t.match(await weir('health', '--address', `127.0.0.1:${port}`), {
    status: 0,
    stdout: 'ready\n',
    stderr: '',
  });
});

t.test('weir health exits 1 where it is not, and says why', async (t) => {
  const port = await admin(t, 503);
  t.match(await weir('health', '--address', `localhost:${port}`), {
    status: 1,
    stdout: '',
    stderr: `Not ready at localhost:${port}: it answered 503\n`,
  });
});

t.test('weir health -c asks the admin address of the file, on loopback where it is any', async (t) => {
  const port = await admin(t, 200);
  const directory = t.testdir({
    't1.yaml': configText(`admin: { address: 0.0.0.0:${port} }`),
    't2.yaml': configText('admin: { address: "[::]:1" }'),
    'bad.yaml': '',
  });
  t.match(await weir('health', '-c', join(directory, 't1.yaml')), { status: 0 });
  t.match(await weir('health', '-c', join(directory, 't2.yaml')), {
    status: 1,
    stderr: /^Not ready at \[::\]:1: E/,
  });
  t.match(await weir('health', '-c', join(directory, 'bad.yaml')), {
    status: 78,
    stderr: /Expected a mapping/,
  });
});

t.test('weir health --json says it for programs', async (t) => {
  const ready = await admin(t, 200);
  t.match(await weir('health', '--json', '--address', `127.0.0.1:${ready}`), {
    status: 0,
    stdout: '{"ready":true}\n',
  });
  const draining = await admin(t, 503);
  t.match(await weir('health', '--json', '--address', `127.0.0.1:${draining}`), {
    status: 1,
    stdout: '{"ready":false,"fault":"it answered 503"}\n',
  });
});

t.test('weir health exits 64 where the address makes no sense, or there are two', async (t) => {
  t.match(await weir('health', '--address', 'nonsense'), {
    status: 64,
    stderr: /^Address "nonsense" is not host:port, such as 127\.0\.0\.1:9128$/m,
  });
  t.match(await weir('health', '--address', '127.0.0.1:1', '-c', 'x'), {
    status: 64,
    stderr: /mutually exclusive/,
  });
});
