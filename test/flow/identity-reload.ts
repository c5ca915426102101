/** What tiers tell each other, when keys change, trust is withdrawn, or the table names somebody else. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import {
  keyFile,
  secondTierKeys,
  startAssertingTier,
  startTrustingTier,
  writeKeys,
} from '../fixtures/hops.ts';
import { httpOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

async function adopt({ proxy }: TestProxy, keys: Readonly<Record<string, string>>): Promise<void> {
  await proxy.adopt(await parseConfig(yamlOf(keys)));
}

async function statusLine(proxy: TestProxy, port: number): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://origin.example:${port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  return (await readAnswer(client)).first;
}

t.test('keys change while it runs, and nobody is refused on the way', async (t) => {
  await using web = await httpOrigin((_, response) => response.end('hi'));
  const [ours, theirs] = [keyFile(t, 1), keyFile(t, 1)];
  await using t2 = await startTrustingTier(theirs);
  await using t1 = await startAssertingTier([t2.port], ours);
  const sign = (...seeds: readonly number[]): Promise<void> => {
    writeKeys(ours, ...seeds);
    return adopt(t1, {
      name: 't1',
      peers: `{ p0: { address: 127.0.0.1:${t2.port}, hop: true } }`,
      routes: '[{ name: out, peers: [p0] }]',
      identity: '{ static: { 127.0.0.1: { namespace: api, podLabels: { app: api } } } }',
      hop: `{ assert: { keyFile: ${ours}, labels: [app] } }`,
    });
  };
  const believe = (...seeds: readonly number[]): Promise<void> => {
    writeKeys(theirs, ...seeds);
    const audience = `["127.0.0.1:${t2.port}"]`;
    const hop = `{ trust: { from: [near], keyFiles: [${theirs}], audience: ${audience} } }`;
    return adopt(t2, secondTierKeys(theirs, { hop }));
  };
  const steps: Readonly<Record<string, () => Promise<void>>> = {
    'nothing has changed': async () => {},
    'the second knows both': () => believe(1, 3),
    'the first signs with the new one': () => sign(3, 1),
    'the second forgets the old one': () => believe(3),
  };
  for (const [what, change] of Object.entries(steps)) {
    await change();
    t.match(await statusLine(t1, web.port), /^HTTP\/1\.1 200 /, what);
  }
  await sign(1);
  t.match(await statusLine(t1, web.port), /^HTTP\/1\.1 403 Identity assertion refused/);
  t.same(t2.assertions, ['accepted', 'accepted', 'accepted', 'accepted', 'unknown_key']);
});

const CUT = '[{ name: api, allow: [api], onRevoke: cut }]';

t.test('a tunnel ends when its hop is trusted no longer', async (t) => {
  await using origin = await rawOrigin();
  const file = keyFile(t, 1);
  await using t2 = await startTrustingTier(file, { access: CUT });
  await using t1 = await startAssertingTier([t2.port], file);
  await using client = await RawClient.connect(t1.port);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  await adopt(t2, secondTierKeys(file, { access: CUT, hop: '{ trust: { from: [api] } }' }));
  await client.rest();
  t.match(await t2.ended(1), [{ outcome: 'revoked', reason: 'policy_revoked', namespace: 'api' }]);
});

t.test('a tunnel goes on when the keys change, and with them nothing that it was told', async (t) => {
  await using origin = await rawOrigin();
  const file = keyFile(t, 1);
  await using t2 = await startTrustingTier(file, { access: CUT });
  await using t1 = await startAssertingTier([t2.port], file);
  await using client = await RawClient.connect(t1.port);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  const far = await origin.accept();
  writeKeys(file, 2);
  await adopt(t2, secondTierKeys(file, { access: CUT }));
  client.send('still here');
  await far.expect('still here');
  client.end();
  far.end();
  t.match(await t2.ended(1), [{ outcome: 'completed', namespace: 'api' }]);
});

t.test('a tunnel ends when its address is another pod', async (t) => {
  await using origin = await rawOrigin();
  const keys = {
    acls: '{ api: { namespaces: [api] } }',
    access: CUT,
    identity: '{ static: { 127.0.0.1: { namespace: api } } }',
  };
  await using proxy = await startProxy(yamlOf(keys));
  await using client = await RawClient.connect(proxy.port);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  await adopt(proxy, { ...keys, identity: '{ static: { 127.0.0.1: { namespace: web } } }' });
  await client.rest();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', namespace: 'api' }], 'recorded as who it was');
});
