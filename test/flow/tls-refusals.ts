/** What the log of a TLS listener says of clients whose certificates it refuses. */
import { once } from 'node:events';
import tls from 'node:tls';
import t from 'tap';
import { logLines } from '../fixtures/log-lines.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { issuer, stranger, t2 } from '../fixtures/tls-chain.ts';
import { eventually } from '../fixtures/within.ts';

const foreign = await stranger.issue('t1');

t.test('whom we do not trust is told of at level warn, and a flood of them in one line', async (t) => {
  const { log, lines } = logLines();
  const files = `cert: ${t2.certFile}, key: ${t2.keyFile}, clientCa: ${issuer.caFile}`;
  const listeners = `[{ name: main, address: 127.0.0.1:0, tls: { ${files} } }]`;
  await using proxy = await startProxy(yamlOf({ listeners }), { log });
  for (let i = 0; i < 3; i += 1) {
    const { cert, key } = foreign;
    const socket = tls.connect({ port: proxy.port, host: '127.0.0.1', ca: issuer.ca, cert, key });
    socket.on('error', () => {});
    await once(socket.resume(), 'close');
    await eventually(() => proxy.failedHandshakes.length === i + 1, 'a failed handshake');
  }
  const said =
    'certificate of none of the authorities that are trusted here (UNABLE_TO_VERIFY_LEAF_SIGNATURE)';
  const [first, ...rest] = lines
    .map(({ level, msg, ...facts }) => {
      const { listener, client_ip, cause, detail, suppressed } = facts;
      return `${level} ${msg}: ${listener} ${client_ip} ${cause} ${suppressed} ${detail}`;
    })
    .filter((line) => line.includes('TLS'));
  t.equal(first, `warn TLS handshake failed: main 127.0.0.1 certificate 0 ${said}`);
  t.equal(rest.length, 2, 'each is told once');
  // Where the machine is slow another warning may be due.
  for (const line of rest) t.match(line, /^(?:debug .* certificate undefined|warn .* certificate \d+) /);
});
