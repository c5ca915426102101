/** Clients that come through a load balancer and speak TLS to the proxy: the header is in front of the handshake. */
import { once } from 'node:events';
import net from 'node:net';
import { duplexPair } from 'node:stream';
import tls from 'node:tls';
import t from 'tap';
import { echoOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { Issuer } from '../fixtures/tls.ts';

const HEADER = 'PROXY TCP4 192.0.2.7 127.0.0.1 56324 3128\r\n';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const t2 = await issuer.issue('t2', { names: 'DNS:t2.test' });

const yaml = yamlOf({
  listeners: `[{ name: main, address: 127.0.0.1:0, proxyProtocol: { from: [127.0.0.1/32] }, tls: { cert: ${t2.certFile}, key: ${t2.keyFile} } }]`,
  acls: '{ shop: { src: [192.0.2.0/24] } }',
  access: '[{ name: shop, allow: [shop] }]',
});

for (const isGlued of [true, false]) {
  t.test(
    `the header ${isGlued ? 'and the ClientHello in one piece' : 'alone, then the handshake'}`,
    async (t) => {
      await using origin = await echoOrigin();
      await using proxy = await startProxy(yaml);
      const [near, far] = duplexPair();
      const client = net.connect(proxy.port, '127.0.0.1');
      await once(client, 'connect');
      if (!isGlued) client.write(HEADER);
      let isFirst = isGlued;
      far.on('data', (bytes) => {
        client.write(isFirst ? Buffer.concat([Buffer.from(HEADER), bytes]) : bytes);
        isFirst = false;
      });
      client.on('data', (bytes) => far.write(bytes));
      const secure = tls.connect({ socket: near, ca: issuer.ca, servername: 't2.test' });
      await once(secure, 'secureConnect');
      secure.write(`CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n`);
      const [answer] = await once(secure, 'data');
      t.match(String(answer), /^HTTP\/1\.1 200 /);
      secure.write('ping');
      t.equal(String((await once(secure, 'data'))[0]), 'ping');
      client.destroy();
      secure.destroy();
      t.match((await proxy.ended(1))[0], {
        clientIp: '192.0.2.7',
        clientPort: 56_324,
        rule: 'shop',
        bytesFromClient: 4,
      });
    },
  );
}
