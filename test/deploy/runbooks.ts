/**
 * Commands of deploy/ that docs/runbooks/ tells their reader to type, typed at a site of stand-ins: steps, checks, tiers and
 * machines that they name are there, and each comes to an end. Who changes something is asked for a dry run.
 */
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { ExitCode } from '../../deploy/lib/exit-codes.ts';
import type { Main } from '../../deploy/lib/program.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import type { Ran } from '../fixtures/deploy/site.ts';
import { twice } from '../fixtures/deploy/twice.ts';
import { commandsOf } from '../fixtures/runbook-commands.ts';
import { docsPage } from '../fixtures/tables.ts';

const MAINS: Readonly<Record<string, Main>> = {
  'deploy/deploy': deployMain,
  'deploy/rollback': rollbackMain,
  'deploy/verify': verifyMain,
};

const RUNBOOKS = join(import.meta.dirname, '../../docs/runbooks');
const COMMANDS = readdirSync(RUNBOOKS).flatMap((file) => commandsOf(docsPage(`runbooks/${file}`)));
const TYPED = new Map(
  COMMANDS.filter(([program = '']) => program in MAINS).map((words) => [words.join(' '), words]),
);

/** As it stands there, but for the settings, which are those of the site. */
function type(site: LivingSite, [program = '', ...words]: readonly string[]): Promise<Ran> {
  const at = words.indexOf('--settings');
  const own = words.filter((_, index) => index !== at && index !== at + 1);
  const looks = own.some((word) => word === '--list' || word === '--suggest');
  return site.run(MAINS[program] as Main, looks ? own : [...own, '--dry-run']);
}

t.test('commands of the runbooks are understood at a site, and come to an end', async (t) => {
  t.ok(TYPED.size > 12, 'there are some');
  const site = await twice(t);
  for (const [line, words] of TYPED) {
    const { status, err } = await type(site, words);
    t.equal(status, ExitCode.Done, `${line}\n${err.join('\n')}`);
  }
  t.same(
    site.changes.filter((line) => !/weir-(?:doctor-)?verify|vm\/verify/.test(line)),
    [],
    'nothing but probes was changed',
  );
});

t.test('commands on a machine name the settings as deploy/deploy sends them', async (t) => {
  const settings = 'vm.env';
  t.match(docsPage('deploy.md'), `VM_SETTINGS=${settings} in it`);
  const onMachine = COMMANDS.filter(([program = '']) => program.startsWith('vm/'));
  t.ok(onMachine.length > 5, 'there are some');
  for (const words of onMachine) t.equal(words[words.indexOf('--settings') + 1], settings, words.join(' '));
  const site = new LivingSite(t, { VM_SETTINGS: settings });
  cpSync(join(RUNBOOKS, '../../vm/settings.example.env'), join(site.folder, settings));
  const { out } = await site.run(deployMain, ['--dry-run', '--only', 'vm-install:int-proxy-a']);
  t.match(out.join('\n'), / vm -C \S+ weir_1\.deb -C \S+ vm\.env /, 'beside vm/');
});

t.test('a step, a check or a tier that there is not is misuse', async (t) => {
  const site = await twice(t);
  for (const line of [
    'deploy/deploy --settings prod.env --from objekts',
    'deploy/deploy --settings prod.env --only vm-install:int-proxy-z',
    'deploy/rollback policy --settings prod.env --tier 3',
    'deploy/rollback polizy --settings prod.env',
    'deploy/verify --settings prod.env --only tier3-policy',
  ])
    t.match(await type(site, line.split(' ')), { status: ExitCode.Usage }, line);
});
