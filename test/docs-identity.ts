/** Holds the files of docs/identity.md to what they are shown for: both first tiers fit the second, and it knows whom they know. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { WEIR } from '../scripts/lib/weir-process.ts';
import { run } from './fixtures/run.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/identity.md'), 'utf8');
const files = [...page.matchAll(/^```yaml (\S+)\n([\s\S]*?)^```$/gm)];
const cwd = t.testdir({});
for (const [, name = '', text = ''] of files) {
  // Where no cluster is, its address has to be said.
  const outside = text.replace('identity: true }', 'identity: true, apiServer: "https://10.0.0.1:6443" }');
  writeFileSync(join(cwd, name), outside);
}
writeFileSync(join(cwd, 'hop.key'), randomBytes(32).toString('base64'), { mode: 0o600 });

for (const first of ['t1.yaml', 'cluster.yaml']) {
  t.test(`docs/identity.md has a ${first} that fits its t2.yaml`, async (t) => {
    const { status, stdout, stderr } = await run(WEIR, ['check', first, 't2.yaml'], { cwd });
    t.same({ status, stderr }, { status: 0, stderr: '' }, stdout);
    t.match(
      stdout,
      /^t1 to t2: all that the first sends is allowed by the second, but for what rules with narrows/m,
    );
    t.notMatch(stdout, /: (?:error|warning): /);
  });
}

t.test('docs/identity.md tells by which line of the table a pod is known', async (t) => {
  const [, command = ''] = /`weir (explain [^`]+)`/.exec(page) ?? [];
  const { stdout } = await run(WEIR, command.split(' '), { cwd });
  t.match(stdout, 'by identity.static 10.128.4.17/32');
  t.match(
    stdout,
    'client is namespace api, pod api-0, service account builder, labels app=api, by hop.assert of t1',
  );
  t.match(stdout, /^allowed/m);
});
