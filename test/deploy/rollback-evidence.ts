/** What deploy/rollback keeps for those who look into it afterwards, and which way back it suggests. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { redacted } from '../../deploy/ways-back/redact.ts';
import { twice } from '../fixtures/deploy/twice.ts';

const SECRETS = [
  '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----',
  'Proxy-Authorization: Basic YWxpY2U6aHVudGVyMg==',
  'connecting to redis://weir:hunter2@10.0.0.1:6379',
  'hop key 3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= read',
  'GET https://login.microsoft.com/authorize?code=hunter2 200',
  '{"password":"hunter2","token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2ln"}',
];

t.test("evidence has logs, events and hashes, is its owner's alone, and has no secret", async (t) => {
  const site = await twice(t);
  for (const pod of site.pods) pod.log += `${SECRETS.join('\n')}\n`;
  site.room.server('int-proxy-a').journal = SECRETS.join('\n');
  await site.run(rollbackMain, ['version']);
  const folder = join(site.folder, 'prod.evidence');
  const file = join(folder, readdirSync(folder)[0] ?? '');
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  const unpacked = t.testdir({});
  execFileSync('tar', ['--extract', '--gzip', `--file=${file}`, `--directory=${unpacked}`]);
  const names = readdirSync(unpacked);
  for (const name of [
    'pod-weir-a.log',
    'pod-weir-b.health.json',
    'objects.json',
    'events.txt',
    'machine-int-proxy-a.journal',
    'machine-int-proxy-b.identity',
    'deployment.json',
  ])
    t.ok(names.includes(name), name);
  const all = names.map((name) => readFileSync(join(unpacked, name), 'utf8')).join('\n');
  t.match(all, /"msg":"Serving"/);
  t.match(all, /"policy":"[0-9a-f]{64}"/, 'hashes are no secrets');
  for (const word of ['hunter2', 'MIGHAgEA', 'YWxpY2U6', '3q2+7wAAAA', 'eyJhbGci', 'eyJzdWIi'])
    t.notOk(all.includes(word), word);
  t.notMatch(site.asked.join('\n'), /get secret|secrets/, 'and none is asked for');
  t.notOk(readdirSync(join(site.folder, 'prod.work')).includes('evidence'), 'nothing is left beside');
});

t.test('evidence that cannot be kept keeps nobody from going back', async (t) => {
  const site = await twice(t);
  writeFileSync(join(site.folder, 'prod.evidence'), 'a file in its place');
  const ran = await site.run(rollbackMain, ['version']);
  t.match(ran, { status: 0 });
  t.match(ran.err.join('\n'), /No evidence is kept: /);
});

t.test('--suggest says which way fits, the smallest first, and the next where that was tried', async (t) => {
  const site = await twice(t);
  let minute = 0;
  site.now = () => {
    minute += 1;
    return new Date(Date.UTC(2026, 10, 29, 1, minute)).toISOString();
  };
  const suggested = async (): Promise<readonly [number, string | undefined]> => {
    const { status, out } = await site.run(rollbackMain, ['--suggest']);
    return [status, out.at(-1)];
  };
  t.same(await suggested(), [0, 'none']);
  site.isLax = true;
  t.same(await suggested(), [1, 'policy']);
  await site.run(rollbackMain, ['policy']);
  t.same(await suggested(), [1, 'version'], 'that did not mend it');
  await site.run(rollbackMain, ['version']);
  t.same(await suggested(), [1, 'squid']);
  site.open.add('8.8.8.8:53');
  t.same(await suggested(), [1, 'mend'], 'no way back closes a way around');
});

t.test('without a Prometheus it goes back as well, and says that nobody was asked', async (t) => {
  const site = await twice(t, { PROMETHEUS: '' });
  for (const severity of ['policy', 'version']) {
    const ran = await site.run(rollbackMain, [severity]);
    t.match(ran, { status: 0 }, ran.err.join('\n'));
    t.match(ran.err.at(-1), /^Back, and all holds; not looked at: scraped\. Evidence: /);
  }
  const advice = await site.run(rollbackMain, ['--suggest']);
  t.match(advice, { status: 0, out: ['none'] });
  t.equal(advice.err.at(-1), 'Everything holds: go on watching; not looked at: scraped');
});

const LEFT: Readonly<Record<string, string>> = {
  'a hash': `"policy":"${'0a'.repeat(32)}"`,
  'a digest': `weir@sha256:${'0a'.repeat(32)}`,
  'the name of a Secret': '"secretName": "weir-tls"',
  'a host and a path': 'https://login.microsoft.com/authorize 200',
  'a name in an address': 'int-proxy-a.aibang.com:3128',
};

for (const [what, text] of Object.entries(LEFT)) {
  t.test(`redacted() leaves ${what}`, async (t) => t.equal(redacted(text), text));
}

t.test('redacted() removes what a break in the middle leaves of a key', async (t) => {
  t.equal(redacted('a\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE'), 'a\n[removed]');
});
