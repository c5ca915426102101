/** Listeners behind load balancers: who the client is says a PROXY header, mandatory from there and refused from elsewhere. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin, rawOrigin } from '../fixtures/origin.ts';
import { allRead, startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { proxyHeader2, proxyHeader2For } from '../fixtures/proxy-header.ts';
import { run } from '../fixtures/run.ts';

const HEADER = 'PROXY TCP4 192.0.2.7 127.0.0.1 56324 3128\r\n';

function keys(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    listeners: '[{ name: main, address: 127.0.0.1:0, proxyProtocol: { from: [127.0.0.2/32] } }]',
    acls: '{ shop: { src: [192.0.2.0/24] }, balancer: { src: [127.0.0.2/32] }, near: { src: [127.0.0.1/32] } }',
    access:
      '[{ name: shop, allow: [shop] }, { name: balancer, allow: [balancer] }, { name: near, allow: [near] }]',
    ...extra,
  };
}

/** A connection from the balancer. */
function balanced({ port }: TestProxy): Promise<RawClient> {
  return RawClient.connect(port, { from: '127.0.0.2' });
}

const HEADERS: Readonly<Record<string, readonly [header: Buffer, client: object, rule: string]>> = {
  'version 1': [Buffer.from(HEADER), { clientIp: '192.0.2.7', clientPort: 56_324 }, 'shop'],
  'version 2': [proxyHeader2For('192.0.2.9', 1234), { clientIp: '192.0.2.9', clientPort: 1234 }, 'shop'],
  UNKNOWN: [Buffer.from('PROXY UNKNOWN\r\n'), { clientIp: '127.0.0.2' }, 'balancer'],
  LOCAL: [
    proxyHeader2({ command: 0, transport: 0, body: Buffer.alloc(7) }),
    { clientIp: '127.0.0.2' },
    'balancer',
  ],
};

for (const [title, [header, client, rule]] of Object.entries(HEADERS)) {
  t.test(`a tunnel behind a header: ${title}`, async (t) => {
    await using origin = await rawOrigin();
    await using proxy = await startProxy(yamlOf(keys()));
    const head = `CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const glued = Buffer.concat([header, Buffer.from(`${head}early`)]);
    for (const cuts of [
      [],
      [1],
      [header.length],
      [header.length + 9],
      [header.length - 1, header.length + head.length],
    ]) {
      await using from = await balanced(proxy);
      const ends = [...cuts, glued.length];
      for (const [index, end] of ends.entries()) {
        if (index > 0) await allRead(proxy);
        from.send(glued.subarray(ends[index - 1] ?? 0, end));
      }
      t.match(await from.head(), /^HTTP\/1\.1 200 /);
      const far = await origin.accept();
      await far.expect('early');
      far.end();
      from.end();
      await from.closed();
    }
    const tunnels = proxy.records.filter(({ event, method }) => event === 'end' && method === 'CONNECT');
    t.match(tunnels, Array(5).fill({ ...client, rule, outcome: 'completed', bytesFromClient: 5 }));
  });
}

t.test('plain HTTP behind a header, by either reader, and kept alive', async (t) => {
  await using web = await httpOrigin((request, response) => {
    request.resume().on('end', () => response.end('hi'));
  });
  await using proxy = await startProxy(yamlOf(keys()));
  await using from = await balanced(proxy);
  const line = (method: string): string =>
    `${method} http://origin.example:${web.port}/ HTTP/1.1\r\nHost: x\r\n`;
  from.send(`${HEADER}${line('GET')}\r\n`);
  t.match(await readAnswer(from), { status: 200 });
  from.send(`${line('DELETE')}\r\n`);
  t.match(await readAnswer(from), { status: 200 });
  from.send(`${HEADER}${line('GET')}\r\n`);
  t.match(await readAnswer(from), { status: 400 }, 'one header for each connection, at its beginning');
  const records = await proxy.ended(3);
  t.match(records, Array(3).fill({ clientIp: '192.0.2.7', clientPort: 56_324 }));
  t.ok((records[0]?.bytesFromClient ?? 0) < line('GET').length + 3, 'the header is no part of the request');
});

const REFUSED: Readonly<Record<string, readonly [sent: string | Buffer, detail: RegExp]>> = {
  'no header': ['CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n', /No PROXY header: there is none/],
  'a malformed line': ['PROXY TCP4 a b c d\r\n', /its line cannot be read/],
  'a line without an end': [`PROXY TCP4 ${' '.repeat(200)}`, /longer than 107 bytes/],
  'a binary header of a Unix socket': [
    proxyHeader2({ transport: 0x31, body: Buffer.alloc(216) }),
    /is not of TCP/,
  ],
  'TLS before the header': ['\x16\x03\x01', /there is none/],
};

for (const [title, [sent, detail]] of Object.entries(REFUSED)) {
  // Attacks: own-identity.
  t.test(`a balancer's connection with ${title} is closed`, async (t) => {
    await using proxy = await startProxy(yamlOf(keys()));
    await using from = await balanced(proxy);
    from.send(sent);
    t.equal(await from.rest(), '', 'without a word');
    t.match(await proxy.ended(1), [
      {
        reason: 'proxy_header_missing',
        outcome: 'failed',
        status: 0,
        clientIp: '127.0.0.2',
        closedBy: 'proxy',
        method: undefined,
        bytesFromClient: sent.length,
        detail,
      },
    ]);
  });
}

t.test('half a header is waited for no longer than a head; who says nothing leaves no record', async (t) => {
  await using proxy = await startProxy(yamlOf(keys({ timeouts: '{ head: 100ms }' })));
  await using half = await balanced(proxy);
  await using mute = await balanced(proxy);
  half.send('PROXY TC');
  t.equal(await half.rest(), '');
  t.equal(await mute.rest(), '');
  t.match(await proxy.ended(1), [{ reason: 'proxy_header_missing', detail: /not whole in time/ }]);
  await using gone = await balanced(proxy);
  gone.send('PROXY TC');
  gone.end();
  await gone.rest();
  t.match((await proxy.ended(2))[1], { detail: /it ended before/ });
  await using probe = await balanced(proxy);
  probe.end();
  await probe.rest();
  await proxy.allClosed();
  t.equal(proxy.records.length, 2, 'a health check is nothing');
});

// Attacks: own-identity.
t.test('a header from elsewhere is no request', async (t) => {
  await using proxy = await startProxy(yamlOf(keys()));
  for (const header of [Buffer.from(HEADER), proxyHeader2For('192.0.2.9', 1234)]) {
    await using client = await RawClient.connect(proxy.port);
    client.send(
      Buffer.concat([header, Buffer.from('CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n')]),
    );
    t.match(await client.head(), /^HTTP\/1\.1 400 /);
  }
  t.match(await proxy.ended(2), Array(2).fill({ reason: 'request_malformed', clientIp: '127.0.0.1' }));
});

t.test('so it is on a listener that has no balancers', async (t) => {
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  client.send(HEADER);
  t.match(await client.head(), /^HTTP\/1\.1 400 /);
});

t.test('who comes by itself needs no header', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(keys()));
  await using client = await RawClient.connect(proxy.port);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  client.end();
  (await origin.accept()).end();
  t.match(await proxy.ended(1), [{ clientIp: '127.0.0.1', rule: 'near' }]);
});

t.test('limits per source are those of the clients behind the balancer', async (t) => {
  await using proxy = await startProxy(
    yamlOf(
      keys({
        limits: '{ few: { per: source, requests: 1/h, burst: 1 } }',
        access: '[{ name: shop, allow: [shop], limit: few }]',
      }),
    ),
  );
  const statuses: string[] = [];
  for (const address of ['192.0.2.7', '192.0.2.7', '192.0.2.8']) {
    await using from = await balanced(proxy);
    from.send(`PROXY TCP4 ${address} 127.0.0.1 1 2\r\n`);
    statuses.push((await from.tunnel('origin.example:9')).split(' ')[1] ?? '');
  }
  t.same(statuses, ['502', '429', '502']);
});

t.test('a reload changes who the balancers are, and a shutdown waits for no header', async (t) => {
  await using proxy = await startProxy(yamlOf(keys()));
  const { port } = proxy;
  const without = yamlOf(keys({ listeners: '[{ name: main, address: 127.0.0.1:0 }]' }));
  await proxy.proxy.adopt(await parseConfig(without, {}));
  await using client = await balanced({ ...proxy, port });
  t.match(
    await client.tunnel('origin.example:9'),
    /^HTTP\/1\.1 502 /,
    'nobody has to say who it is any more',
  );
  await proxy.proxy.adopt(await parseConfig(yamlOf(keys()), {}));
  await using waiting = await balanced({ ...proxy, port });
  waiting.send('PROXY ');
  await allRead(proxy);
  proxy.proxy.listeners.close();
  t.equal(await waiting.rest(), '');
});

t.test('curl says who it is', async (t) => {
  await using web = await httpOrigin((_, response) => response.end('hi'));
  await using proxy = await startProxy(
    yamlOf(
      keys({ listeners: '[{ name: main, address: 127.0.0.1:0, proxyProtocol: { from: [127.0.0.1/32] } }]' }),
    ),
  );
  const via = ['-s', '-x', `http://127.0.0.1:${proxy.port}`, `http://origin.example:${web.port}/`];
  const told = await run('curl', ['--haproxy-protocol', ...via]);
  t.match(told, { status: 0, stdout: 'hi' });
  const untold = await run('curl', via);
  t.match(untold, { status: 52 }, 'the connection is closed without an answer');
  t.match(await proxy.ended(2), [
    { clientIp: '127.0.0.1', outcome: 'completed' },
    { reason: 'proxy_header_missing' },
  ]);
});
