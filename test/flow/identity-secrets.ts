/** Keys of hops and what is signed with them are in nothing that Weir says, whatever is asked of it. */
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { assertionOf, keyOf, secretOf } from '../fixtures/assertions.ts';
import { keyFile, secondTierKeys } from '../fixtures/hops.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { ask, claims, FORMS, fieldsOf, KEY } from '../fixtures/told-tier.ts';
import { startWeir, weir } from '../fixtures/weir.ts';

/** A configuration beside a key file, and its path. */
function written(t: Test, ...seeds: readonly number[]): { file: string; keys: string } {
  const keys = keyFile(t, ...seeds);
  const file = join(dirname(keys), 't2.yaml');
  writeFileSync(file, yamlOf(secondTierKeys(keys)));
  return { file, keys };
}

const bytesOf = (seed: number): string => Buffer.from(secretOf(seed), 'base64').toString('hex');

// Attacks: secrets.
t.test('no command shows a key', async (t) => {
  const { file, keys } = written(t, 1, 2);
  const asked = ['-c', file, '--src', '127.0.0.1', 'a.example:443'];
  for (const args of [
    ['check', file],
    ['check', file, '--json'],
    ['explain', ...asked],
    ['explain', ...asked, '--json'],
    ['diagram', file],
  ]) {
    const { status, stdout, stderr } = await weir(...args);
    t.equal(status, 0, `weir ${args[0]}`);
    for (const seed of [1, 2])
      for (const secret of [secretOf(seed), bytesOf(seed), keyOf(seed).kid])
        t.notOk((stdout + stderr).includes(secret));
  }
  writeFileSync(keys, `${secretOf(1)}\n${secretOf(2).slice(0, 30)}\n`);
  const { status, stdout, stderr } = await weir('check', file);
  t.equal(status, 78);
  t.match(stderr, /hop\.key:2:1: .*no Base64/);
  t.notOk((stdout + stderr).includes(secretOf(2).slice(0, 30)));
});

t.test('weir check and weir run warn of keys that everybody can read', async (t) => {
  const { file, keys } = written(t, 1);
  chmodSync(keys, 0o644);
  t.match(
    (await weir('check', file)).stderr,
    /Everybody on this host can read the secrets in ".*hop\.key" \(mode 644\)/,
  );
  const process = await startWeir(t, yamlOf(secondTierKeys(keys)));
  await process.until('a warning', () => process.log.find(({ msg }) => /can read the secrets/.test(msg)));
});

// Attacks: secrets.
t.test('logs, records, metrics and answers have neither keys nor assertions', async (t) => {
  const process = await startWeir(t, yamlOf(secondTierKeys(keyFile(t, 1))));
  const texts = [
    assertionOf(KEY, claims('10.0.0.1:80')),
    assertionOf(keyOf(9), claims('10.0.0.1:80')),
    'x.y.SIGNATURE',
  ];
  const answers: string[] = [];
  for (const text of [...texts, texts[0] as string]) {
    const answer = await ask(process, FORMS.GET('10.0.0.1:80'), fieldsOf(text));
    answers.push(JSON.stringify(answer));
  }
  const records = await process.ended(4);
  t.match(records.map(({ reason }) => reason).sort(), [
    'address_prohibited',
    'assertion_refused',
    'assertion_refused',
    'assertion_refused',
  ]);
  const metrics = await (await fetch(`http://127.0.0.1:${process.adminPort}/metrics`)).text();
  t.match(metrics, /^weir_hop_assertions_total\{result="replayed"\} 1$/m);
  t.match(metrics, /^weir_hop_assertions_total\{result="expired"\} 0$/m, 'there before the first');
  const said = [answers, JSON.stringify(records), JSON.stringify(process.log), process.stderr, metrics].join(
    '\n',
  );
  for (const text of texts)
    for (const part of text.split('.').slice(1)) if (part.length > 1) t.notOk(said.includes(part));
  t.notOk(said.includes(secretOf(1)));
});
