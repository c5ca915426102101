/** deploy/rollback, broken off and started again, and once more after another deployment: it comes to the same. */
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import type { LivingSite } from '../fixtures/deploy/living-site.ts';
import { again, BAD, NEW, OLD, outcome, twice } from '../fixtures/deploy/twice.ts';

/** What a way back changes at last; behind it is what verifies it. */
const LAST_CHANGE = /rollback (?:configuration|package)|annotate pods|disable --now weir/;

interface Break {
  readonly severity: string;
  readonly breakAt: number;
  readonly when: 'before' | 'after';
}

/** A rollback that is broken off, and what an operator does then. */
async function brokenOff(t: Test, { severity, breakAt, when }: Break): Promise<unknown> {
  const site = await twice(t);
  const { status } = await site.run(rollbackMain, [severity], { breakAt, when });
  // What breaks while it verifies is 70: it is back, and verifying again shows it.
  if (status === 70) t.match(await site.run(verifyMain), { status: 0 });
  else if (status !== 0) t.match(await site.run(rollbackMain, [severity]), { status: 0 });
  return outcome(site);
}

for (const severity of ['policy', 'version', 'squid']) {
  t.test(`${severity}: broken off at any change and started again it comes to the same`, async (t) => {
    const whole = await twice(t);
    await whole.run(rollbackMain, [severity]);
    const count = whole.changes.findLastIndex((line) => LAST_CHANGE.test(line)) + 1;
    t.ok(count >= 3, `${count} changes`);
    for (let breakAt = 1; breakAt <= count; breakAt += 1) {
      for (const when of ['before', 'after'] as const) {
        const found = await brokenOff(t, { severity, breakAt, when });
        t.same(found, outcome(whole), `broken off ${when} change ${breakAt}`);
      }
    }
  });
}

for (const severity of ['policy', 'version', 'squid']) {
  t.test(`deploy, verify, rollback ${severity}, verify runs clean twice in a row`, async (t) => {
    const site = await twice(t);
    t.equal(await round(site, severity), '');
    again(site);
    t.equal(await round(site, severity), '');
  });
}

for (const [severity, says] of [
  ['policy', /patch configmap weir/],
  ['version', /rollout undo deployment\/weir --to-revision=1 /],
  ['squid', /record-sets update google\.\S+ .*--rrdatas=10\.96\.0\.50/],
] as const) {
  t.test(
    `${severity}: a dry run where something is deployed prints it, and nothing is changed or kept`,
    async (t) => {
      const site = await twice(t);
      const before = [outcome(site), readdirSync(site.folder, { recursive: true })];
      const { status, out, err } = await site.run(rollbackMain, [severity, '--dry-run']);
      t.equal(status, 0, err.join('\n'));
      t.match(out.join('\n').replaceAll(/ --context=\S+/g, ''), says);
      t.notMatch(err.join('\n'), /✗|was deployed/);
      t.equal(err.at(-1), 'Dry run: nothing was changed');
      t.same(
        site.changes.filter((line) => !line.includes('vm/verify')),
        [],
      );
      t.same([outcome(site), readdirSync(site.folder, { recursive: true })], before);
      if (severity === 'version')
        t.match(err.join('\n'), `not so now: The pods run ${NEW}, and ${OLD} is to be there`);
    },
  );
}

async function round(site: LivingSite, severity: string): Promise<string> {
  const wrong: string[] = [];
  const mains = [deployMain, verifyMain, rollbackMain, ...(severity === 'squid' ? [] : [verifyMain])];
  for (const main of mains) {
    const own =
      main === rollbackMain ? [severity] : main === deployMain && severity === 'squid' ? ['--again'] : [];
    const ran = await site.run(main, own);
    if (ran.status !== 0 || ran.err.join('\n').includes('✗')) wrong.push(...ran.err);
  }
  return wrong.join('\n');
}

t.test('who stays with Weir brings traffic back, and what goes back after that begins anew', async (t) => {
  const site = await twice(t);
  const stops = (): number => site.changes.filter((line) => line.includes('patch service/')).length;
  t.match(await site.run(rollbackMain, ['squid'], { breakAt: 1, when: 'after' }), { status: 1 });
  const stopped = stops();
  t.ok(stopped > 0);
  for (const args of [[], ['--dry-run'], ['--from', 'monitoring'], ['--until', 'rollout']]) {
    const { status, err } = await site.run(deployMain, args);
    t.equal(status, 1, args.join(' '));
    t.match(
      err.join('\n'),
      /deploy\/rollback squid was begun and has not ended: .*\nTo do: end it: .* --from objects$/,
    );
  }
  t.match(await site.run(deployMain, ['--only', 'monitoring']), { status: 0 });
  const on = await site.run(rollbackMain, ['squid'], { breakAt: 1, when: 'before' });
  t.match(on.err[0], /Going on/, 'so far it is as it was');
  const refuses = async (said: string): Promise<void> => {
    t.match(
      await site.run(deployMain),
      { status: 1, err: [/rollback squid was begun and has not ended/] },
      said,
    );
  };
  const overlay = join(site.folder, 'tier-1/kustomization.yaml');
  renameSync(overlay, `${overlay}.moved`);
  t.match(await site.run(deployMain, ['--from', 'objects']), { status: 66 });
  renameSync(`${overlay}.moved`, overlay);
  await refuses('nothing was begun');
  t.match(await site.run(deployMain, ['--from', 'image', '--until', 'image']), { status: 0 });
  await refuses('it ended before the Services');
  t.match(await site.run(deployMain, ['--from', 'objects'], { breakAt: 1, when: 'after' }), { status: 1 });
  await refuses('nobody knows that they are there');
  t.match(await site.run(deployMain, ['--from', 'objects']), { status: 0 });
  const { status, err } = await site.run(rollbackMain, ['squid']);
  t.equal(status, 0, err.join('\n'));
  t.notMatch(err.join('\n'), /Going on/);
  t.ok(stops() > stopped, 'new traffic is stopped again');
});

t.test('another way back meanwhile does not bring traffic back, and that stays known', async (t) => {
  const site = await twice(t);
  t.match(await site.run(rollbackMain, ['squid'], { breakAt: 1, when: 'after' }), { status: 1 });
  await site.run(rollbackMain, ['policy', '--tier', '1']);
  t.not(site.policy, BAD.trim());
  t.match(await site.run(deployMain), { status: 1, err: [/rollback squid was begun and has not ended/] });
});
