/** `sni: log`: the ClientHello is recorded while it passes, and nothing waits for it. */
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { clientHello, helloMessage, recordsOf } from '../fixtures/client-hello.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { scene } from '../fixtures/scene.ts';

const LOG = { access: '[{ name: tls, allow: [all], sni: log }]' };

scene(
  'a hello in pieces passes piece by piece, and its name and protocols are recorded',
  async (t, { proxy, origin, client, host }) => {
    const bytes = recordsOf(helloMessage({ serverName: 'Front.example', alpn: ['h2', 'http/1.1'] }), 50);
    await client.tunnel(host);
    const far = await origin.accept();
    for (const piece of [bytes.subarray(0, 1), bytes.subarray(1, 70), bytes.subarray(70)]) {
      client.send(piece);
      await far.expect(piece.toString('latin1'));
    }
    client.send('more');
    await far.expect('more');
    far.send('back');
    await client.expect('back');
    client.end();
    far.end();
    t.match(await proxy.ended(1), [
      {
        outcome: 'completed',
        sni: 'front.example',
        alpn: ['h2', 'http/1.1'],
        bytesFromClient: bytes.length + 4,
      },
    ]);
    t.equal(proxy.records[0]?.event, 'open');
    t.equal(proxy.records[0]?.sni, undefined, 'it opened before the hello came');
  },
  LOG,
);

scene(
  'what is glued to the CONNECT is looked at too',
  async (t, { proxy, origin, client, host }) => {
    const hello = clientHello({ serverName: 'a.example' });
    client.send(Buffer.concat([Buffer.from(`CONNECT ${host} HTTP/1.1\r\nHost: x\r\n\r\n`), hello]));
    const far = await origin.accept();
    await far.expect(hello.toString('latin1'));
    client.end();
    far.end();
    t.match(await proxy.ended(1), [{ outcome: 'completed', sni: 'a.example', alpn: undefined }]);
  },
  LOG,
);

for (const [title, bytes] of Object.entries({
  'another protocol': Buffer.from('SSH-2.0-client\r\n'),
  'a malformed hello': clientHello({ serverName: 'a..b' }),
  'half a hello': clientHello({ serverName: 'a.example' }).subarray(0, 40),
  'nothing at all': Buffer.alloc(0),
})) {
  scene(
    `a tunnel with ${title} goes its way`,
    async (t, { proxy, origin, client, host }) => {
      await client.tunnel(host);
      const far = await origin.accept();
      far.send('first');
      await client.expect('first');
      client.send(bytes);
      client.end();
      t.equal(await far.rest(), bytes.toString('latin1'));
      far.end();
      t.match(await proxy.ended(1), [{ outcome: 'completed', sni: undefined, alpn: undefined }]);
    },
    LOG,
  );
}

t.test('a metered tunnel is looked at as well', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(
    yamlOf({
      limits: '{ slow: { per: global, bandwidth: 10MiB/s } }',
      access: '[{ name: tls, allow: [all], sni: log, limit: slow }]',
    }),
  );
  await using client = await RawClient.connect(proxy.port);
  await client.tunnel(`origin.example:${origin.port}`);
  const far = await origin.accept();
  const all = clientHello({ serverName: 'a.example' }).toString('latin1') + 'x'.repeat(400_000);
  client.send(all);
  await far.expect(all);
  client.reset();
  await far.rest();
  t.match(await proxy.ended(1), [{ sni: 'a.example', outcome: 'client_gone', bytesFromClient: all.length }]);
});

t.test('rules without the option record nothing of it', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  await client.tunnel(`origin.example:${origin.port}`);
  const far = await origin.accept();
  const hello = clientHello({ serverName: 'a.example', alpn: ['h2'] }).toString('latin1');
  client.send(hello);
  await far.expect(hello);
  client.end();
  far.end();
  t.match(await proxy.ended(1), [{ outcome: 'completed', sni: undefined, alpn: undefined }]);
});
