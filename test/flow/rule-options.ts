/** What rules say beside their ACLs, end to end: modes, ends, messages, exceptions of the guard. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

/** First line of the answer to a CONNECT; the client then leaves. */
async function verdict(proxy: TestProxy, target: string): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  client.send(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const head = await client.head();
  client.end();
  return head.split('\r\n')[0] ?? '';
}

/** Body of the refusal of a CONNECT. */
async function refusal(proxy: TestProxy, ...fields: readonly string[]): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  const head = ['CONNECT origin.example:443 HTTP/1.1', 'Host: x', ...fields].join('\r\n');
  client.send(`${head}\r\n\r\n`);
  const { body } = await readAnswer(client);
  return Buffer.from(body, 'latin1').toString();
}

t.test('a rule in report mode is noted, and the next one decides', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(
    yamlOf({
      acls: '{ tunnels: { methods: [CONNECT] }, loopback: { dst: [127.0.0.0/8] }, far: { dst: [192.0.2.0/24] } }',
      access: `
  - { name: pilot, deny: [tunnels], mode: report }
  - { name: pilot-by-address, deny: [loopback], mode: report }
  - { name: pilot-elsewhere, deny: [far], mode: report }
  - { name: everything, allow: [all] }
  - { name: behind, deny: [all], mode: report }`,
    }),
  );
  t.match(await verdict(proxy, `origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  t.match(await proxy.ended(1), [
    {
      outcome: 'completed',
      rule: 'everything',
      reports: [
        { rule: 'pilot', verdict: 'deny' },
        { rule: 'pilot-by-address', verdict: 'deny' },
      ],
    },
  ]);
});

t.test('a rule in report mode that allows opens nothing', async (t) => {
  await using proxy = await startProxy(yamlOf({ access: '[{ name: pilot, allow: [all], mode: report }]' }));
  t.match(await verdict(proxy, 'origin.example:443'), /^HTTP\/1\.1 403 Denied by t, no rule/);
  t.match(await proxy.ended(1), [{ reports: [{ rule: 'pilot', verdict: 'allow' }], rule: undefined }]);
});

t.test('reports are judged with the address that a rule in force asked for', async (t) => {
  await using proxy = await startProxy(
    yamlOf({
      acls: '{ loopback: { dst: [127.0.0.0/8] }, far: { dst: [192.0.2.0/24] } }',
      access:
        '[{ name: pilot, deny: [loopback], mode: report }, { name: far, allow: [far] }, { name: no, deny: [all] }]',
    }),
  );
  t.match(await verdict(proxy, 'origin.example:443'), /rule no$/);
  t.match(await proxy.ended(1), [{ rule: 'no', reports: [{ rule: 'pilot', verdict: 'deny' }] }]);
});

t.test('nothing is noted where nothing reports', async (t) => {
  await using proxy = await startProxy(yamlOf({ access: '[{ name: no, deny: [all] }]' }));
  await verdict(proxy, 'origin.example:443');
  const [record] = await proxy.ended(1);
  t.equal(record?.reports, undefined);
});

t.test('a rule that has expired decides nothing', async (t) => {
  const past = new Date(Date.now() - 1000).toISOString();
  const future = new Date(Date.now() + 3_600_000).toISOString();
  await using proxy = await startProxy(
    yamlOf({
      access: `
  - { name: gone, allow: [all], until: "${past}" }
  - { name: still, deny: [all], until: "${future}" }`,
    }),
  );
  t.match(await verdict(proxy, 'origin.example:443'), /rule still$/);
});

t.test('the message of a rule is in the answer, as text and as JSON', async (t) => {
  await using proxy = await startProxy(
    yamlOf({ access: '[{ name: no, deny: [all], message: "Ask Zoë: 请联系 <ops> \\"now\\"" }]' }),
  );
  t.match(
    await refusal(proxy),
    /^Denied by t rule no\nAsk Zoë: 请联系 <ops> "now"\nCheck the named ACL rule/,
  );
  t.match(JSON.parse(await refusal(proxy, 'Accept: application/json')), {
    detail: 'Ask Zoë: 请联系 <ops> "now"',
    rule: 'no',
  });
});

t.test('allowPrivate holds for what its rule allows, and for nothing else', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(
    yamlOf({
      guard: '{}',
      acls: `{ port: { ports: [${origin.port}] } }`,
      access: '[{ name: inside, allow: [port], allowPrivate: [127.0.0.0/8] }, { name: rest, allow: [all] }]',
    }),
  );
  t.match(await verdict(proxy, `origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  t.match(await verdict(proxy, 'origin.example:9'), /^HTTP\/1\.1 403 /);
  const records = await proxy.ended(2);
  t.match(records.map(({ rule, reason }) => `${rule} ${reason}`).sort(), [
    'inside undefined',
    'rest address_prohibited',
  ]);
});
