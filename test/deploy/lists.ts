/** Lists of tier 1 that its configuration names: they go back with their policy, also where nothing but a list was changed. */
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { execute } from '../../deploy/lib/execute.ts';
import { policyIn } from '../../deploy/lib/policy-data.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import { said } from '../fixtures/deploy/tool.ts';
import { folderOf } from '../fixtures/owned.ts';
import { needTool } from '../fixtures/tools.ts';

const POLICY = 'acls: { x: { dstDomains: { file: domains.txt } } }\n';
const BACK = ['policy', '--tier', '1'];

class Listed {
  readonly site: LivingSite;
  /** What weir check was given. */
  readonly checked: string[] = [];
  readonly #test: Test;

  constructor(t: Test) {
    this.#test = t;
    this.site = new LivingSite(t, { TIER_1: 'tier-1' });
    mkdirSync(join(this.site.folder, 'tier-1'));
    this.#write(
      'kustomization.yaml',
      'configMapGenerator: [{ name: weir, files: [weir.yaml, domains.txt] }]\n',
    );
    this.site.tools.weir = (args) => {
      const [folder] = args.flatMap((arg) => /^(.*prod\.work\/policy)\/weir\.yaml$/.exec(arg)?.[1] ?? []);
      if (folder !== undefined) this.checked.push(readFileSync(join(folder, 'domains.txt'), 'utf8'));
      return said('t1 to t2: all that the first sends is allowed by the second\n');
    };
  }

  /** The lists in the ConfigMap. */
  get list(): string | undefined {
    const { '{.data}': data = '{}' } = this.site.cluster.objects.get('intra-proxy/configmap/weir') ?? {};
    return JSON.parse(data)['domains.txt'];
  }

  async deploy(list: string, policy = POLICY): Promise<number> {
    this.#write('weir.yaml', policy);
    this.#write('domains.txt', list);
    const { status } = await this.site.run(deployMain);
    // As the kubelet has them do it.
    for (const pod of this.site.pods) pod.policy = this.site.policy;
    return status;
  }

  async back(...more: readonly string[]): Promise<number> {
    const { status, err } = await this.site.run(rollbackMain, [...BACK, ...more]);
    if (status !== 0) this.#test.comment(err.join('\n'));
    return status;
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.site.folder, 'tier-1', name), text);
  }
}

t.test(
  'a list that was changed alone goes back, one step at a time, and does not come again unasked',
  async (t) => {
    const listed = new Listed(t);
    for (const list of ['a.example\n', 'b.example\n', 'bad.example\n']) t.equal(await listed.deploy(list), 0);
    t.equal(await listed.back(), 0);
    t.equal(listed.list, 'b.example\n');
    t.same(listed.checked, ['b.example\n'], 'and is what was checked');
    t.ok(listed.site.pods.every(({ policy }) => policy.endsWith('b.example')));
    t.equal(await listed.deploy('bad.example\n'), 70, 'it was taken back');
    t.equal(listed.list, 'b.example\n');
    t.equal(await listed.back(), 0);
    t.equal(listed.list, 'a.example\n');
    t.equal(await listed.back(), 70, 'there is none before');
    t.equal(await listed.back('--to', '000003'), 0);
    t.equal(listed.list, 'bad.example\n');
    t.equal(await listed.deploy('mended.example\n'), 0);
    t.equal(listed.list, 'mended.example\n');
  },
);

t.test('what is kept is told apart by its lists, its owner’s alone, and goes with its policy', async (t) => {
  const listed = new Listed(t);
  for (let number = 1; number <= 11; number += 1) await listed.deploy(`${number}.example\n`);
  const { out } = await listed.site.run(rollbackMain, ['--list']);
  const rows = out
    .map((line) => line.split('\t'))
    .filter(([what, where]) => `${what} ${where}` === 'policy tier-1');
  t.equal(rows.length, 10);
  t.equal(new Set(rows.map(([, , , sum]) => sum)).size, 10);
  for (const [, , name = '', sum = ''] of rows) t.ok(sum.startsWith(name.slice(7)), name);
  const lists = globSync(join(listed.site.folder, 'prod.policies/*.beside.json'));
  t.equal(lists.length, 10, 'that of the oldest is gone');
  for (const file of lists) t.equal(statSync(file).mode & 0o777, 0o600);
});

t.test('a real kubectl prints what a ConfigMap has as it is read here', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const data = { 'weir.yaml': 'name: t1 # <"\\&>\n\n', 'a.txt': '中\n' };
  const folder = folderOf(t);
  const files = Object.entries(data).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return `--from-file=${join(folder, name)}`;
  });
  const create = ['create', 'configmap', 'weir', '--dry-run=client', '--output=jsonpath={.data}', ...files];
  const { stdout } = await execute({ words: [kubectl, ...create] }, undefined);
  t.same(policyIn(stdout.toString()), data);
  t.equal(policyIn('\n'), undefined, 'there is none');
  t.throws(() => policyIn('map[weir.yaml:x]'), /does not print the data of ConfigMap weir as JSON/);
});

t.test('a policy that was kept without its lists leaves those of now', async (t) => {
  const listed = new Listed(t);
  await listed.deploy('a.example\n', `${POLICY}# one\n`);
  await listed.deploy('b.example\n', `${POLICY}# two\n`);
  const lists = globSync(join(listed.site.folder, 'prod.policies/*.beside.json'));
  t.equal(lists.length, 2);
  for (const file of lists) rmSync(file);
  t.equal(await listed.back(), 0);
  t.equal(listed.list, 'b.example\n');
});
