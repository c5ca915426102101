/** An assertion is good once: for one process, for all workers of a host, and after a restart. */
import { rmSync } from 'node:fs';
import t from 'tap';
import { assertionOf } from '../fixtures/assertions.ts';
import { RawClient } from '../fixtures/client.ts';
import { keyFile, secondTierKeys, trusting } from '../fixtures/hops.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { ask, claims, FORMS, fieldsOf, KEY, seconds, staged } from '../fixtures/told-tier.ts';
import { startWeir } from '../fixtures/weir.ts';

for (const [form, line] of Object.entries(FORMS)) {
  // Attacks: own-identity.
  staged(`${form}: an assertion is good once`, async (t, { t2, origin, target }) => {
    const fields = fieldsOf(assertionOf(KEY, claims(target)));
    await using client = await RawClient.connect(t2.port);
    client.send(`${[line(target), 'Host: x', ...fields].join('\r\n')}\r\n\r\n`);
    const far = await origin.accept();
    for (let again = 0; again < 3; again += 1)
      t.match(await ask(t2, line(target), fields), { status: 403, first: /Identity assertion refused/ });
    t.equal(origin.accepted, 1);
    far.end();
    client.reset();
    await t2.ended(4);
    t.same(t2.assertions, ['accepted', 'replayed', 'replayed', 'replayed']);
  });
}

// Attacks: own-identity.
t.test('what was used stays used after a restart', async (t) => {
  await using origin = await rawOrigin();
  const target = `origin.example:${origin.port}`;
  const file = keyFile(t, 1);
  const directory = t.testdir({});
  const yaml = yamlOf(secondTierKeys(file, { hop: trusting(file, { replayDirectory: directory }) }));
  let fields: readonly string[] = [];
  const statuses: number[] = [];
  for (let start = 0; start < 3; start += 1) {
    await using t2 = await startProxy(yaml);
    const transaction = `0123456789-${start}`;
    const assertion = assertionOf(KEY, claims('10.0.0.1:80', { transaction }));
    const fresh = [`Weir-Transaction: ${transaction}`, `Weir-Identity: ${assertion}`];
    t.match(
      await ask(t2, FORMS.CONNECT('10.0.0.1:80'), fresh),
      { first: /Special-purpose/ },
      'others are believed',
    );
    statuses.push((await ask(t2, FORMS.CONNECT('10.0.0.1:80'), fresh)).status);
    t.match(t2.assertions, ['accepted', 'replayed']);
    if (start === 0) {
      fields = fieldsOf(assertionOf(KEY, claims(target)));
      await firstUse(t2, origin, fields);
    } else t.match(await ask(t2, FORMS.CONNECT(target), fields), { first: /Identity assertion refused/ });
  }
  t.same(statuses, [403, 403, 403]);
});

async function firstUse(t2: TestProxy, origin: RawOrigin, fields: readonly string[]): Promise<void> {
  await using client = await RawClient.connect(t2.port);
  if (!(await client.tunnel(`origin.example:${origin.port}`, `${fields.join('\r\n')}\r\n`)).includes(' 200 '))
    throw new Error('No tunnel');
}

// Attacks: own-identity.
t.test('what was made before its time is not believed, and another peer may be asked', async (t) => {
  const file = keyFile(t, 1);
  await using t2 = await startProxy(yamlOf(secondTierKeys(file)));
  const iat = Math.floor(seconds(-20_000));
  const fields = fieldsOf(assertionOf(KEY, claims('10.0.0.1:80', { iat, exp: iat + 60 })));
  t.match(await ask(t2, FORMS.CONNECT('10.0.0.1:80'), fields), {
    status: 500,
    fields: { 'proxy-status': /error=proxy_internal_error;details="assertion_unchecked"/ },
  });
  t.match(await t2.ended(1), [{ namespace: undefined, reason: 'assertion_unchecked', outcome: 'failed' }]);
  t.same(t2.assertions, ['unchecked']);
});

// Attacks: own-identity.
t.test('where nobody can tell what was used, nobody is believed', async (t) => {
  const file = keyFile(t, 1);
  const directory = t.testdir({});
  await using t2 = await startProxy(
    yamlOf(secondTierKeys(file, { hop: trusting(file, { replayDirectory: directory }) })),
  );
  rmSync(`${directory}/used-assertions`, { recursive: true });
  const fields = fieldsOf(assertionOf(KEY, claims('10.0.0.1:80')));
  t.match(await ask(t2, FORMS.CONNECT('10.0.0.1:80'), fields), { status: 500 });
  t.same(t2.assertions, ['unchecked']);
});

// Attacks: own-identity.
t.test('workers know what the others have taken', async (t) => {
  await using origin = await rawOrigin();
  const target = `origin.example:${origin.port}`;
  const file = keyFile(t, 1);
  const weir = await startWeir(
    t,
    yamlOf(
      secondTierKeys(file, {
        workers: '3',
        acls: '{ near: { src: [127.0.0.1] } }',
        access: '[{ name: none, deny: [all] }]',
      }),
    ),
  );
  for (let round = 0; round < 10; round += 1) {
    const fields = fieldsOf(assertionOf(KEY, claims(target)));
    const asked = Array.from({ length: 12 }, () => ask(weir, FORMS.GET(target), fields));
    const reasons = (await Promise.all(asked)).map(({ first }) => /Identity assertion refused/.test(first));
    t.equal(reasons.filter((isRefused) => !isRefused).length, 1, 'one of twelve at the same time');
  }
});
