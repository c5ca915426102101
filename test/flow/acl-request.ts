/** ACLs over what the request itself says, end to end: URL, fields, scheme, name by expression; and what traffic cannot know yet. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

/** Rule in the answer to a request head, whose first line is given without its version; `none` where no rule matched. */
async function ruleFor(proxy: TestProxy, first: string, ...fields: readonly string[]): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  const lines = [`${first} HTTP/1.1`, 'Host: x', ...fields].map((line) => `${line}\r\n`);
  client.send(`${lines.join('')}\r\n`);
  const answer = await readAnswer(client);
  return /Denied by t rule (\S+)/.exec(answer.first)?.[1] ?? 'none';
}

t.test('rules judge URL, fields, scheme and names by expression', async (t) => {
  await using proxy = await startProxy(
    yamlOf({
      acls: `
  tunnel: { methods: [CONNECT] }
  plain: { schemes: [http] }
  numbered: { dstDomainRegex: ['^api-\\d+\\.example$'] }
  secret: { urlRegex: ['[?&]token='] }
  curl: { headers: { user-agent: ['^curl/'] } }
  teamless: { headers: { x-team: { present: true } } }`,
      access: `
  - { name: numbered, deny: [numbered] }
  - { name: secret, deny: [plain, secret] }
  - { name: curl, deny: [curl] }
  - { name: tunnel-without-team, deny: [tunnel, "!teamless"] }
  - { name: plain, deny: [plain] }`,
    }),
  );
  t.equal(await ruleFor(proxy, 'CONNECT api-12.EXAMPLE.:443'), 'numbered');
  t.equal(await ruleFor(proxy, 'GET http://a.example/x?a=1&token=2'), 'secret');
  t.equal(await ruleFor(proxy, 'GET http://a.example/x', 'uSER-aGENT: curl/8'), 'curl');
  t.equal(await ruleFor(proxy, 'CONNECT a.example:443', 'User-Agent: curl/8'), 'curl');
  t.equal(await ruleFor(proxy, 'CONNECT a.example:443'), 'tunnel-without-team');
  t.equal(await ruleFor(proxy, 'CONNECT a.example:443', 'X-Team: a'), 'none');
  t.equal(await ruleFor(proxy, 'GET http://a.example/'), 'plain');
  t.notMatch(JSON.stringify(await proxy.ended(7)), 'token', 'what was judged is not written down');
});

// Attacks: default-deny.
t.test('what traffic cannot know yet lets nothing pass', async (t) => {
  for (const unknown of [
    'namespaces: [api]',
    'podLabels: { app: api }',
    'namespaceLabels: { a: b }',
    'serviceAccounts: [a]',
  ]) {
    const acls = `{ unknown: { ${unknown} } }`;
    for (const acl of ['unknown', '"!unknown"']) {
      await using closed = await startProxy(yamlOf({ acls, access: `[{ name: a, allow: [${acl}] }]` }));
      t.equal(await ruleFor(closed, 'CONNECT a.example:443'), 'none', `allow ${acl}: ${unknown}`);
      await using denying = await startProxy(
        yamlOf({ acls, access: `[{ name: d, deny: [${acl}] }, { name: a, allow: [all] }]` }),
      );
      t.equal(await ruleFor(denying, 'CONNECT a.example:443'), 'd', `deny ${acl}: ${unknown}`);
    }
  }
});

t.test('fields are kept only for a policy that asks for them', async (t) => {
  await using proxy = await startProxy(yamlOf({ access: '[{ name: no, deny: [all] }]' }));
  t.notOk(proxy.proxy.context.generation.policy.uses.has('headers'));
  t.equal(await ruleFor(proxy, 'CONNECT a.example:443'), 'no');
});
