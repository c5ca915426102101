/** deploy/verify at a site of stand-ins: what holds is ✓, each fault that is planted is ✗ by its name, and so is what could not be tried. */
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import type { Ran } from '../fixtures/deploy/site.ts';

async function deployed(t: Test, own: Readonly<Record<string, string>> = {}): Promise<LivingSite> {
  const site = new LivingSite(t, own);
  t.match(await site.run(deployMain), { status: 0 });
  site.changes.length = 0;
  // The stand-in of kubectl gives a Deployment its pods when it is asked for something.
  await site.run(verifyMain, ['--only', 'tier1-ready']);
  return site;
}

/** vm/verify changes nothing, which the stand-in does not know. */
function changesOf({ changes }: LivingSite): readonly string[] {
  return changes.filter((line) => !line.includes('vm/verify'));
}

/** Checks by what became of them. */
function marked({ err }: Ran, mark: string): readonly string[] {
  return err.flatMap((line) => (line.startsWith(`${mark} `) ? [line.split(' ')[1] ?? ''] : []));
}

t.test('all of it holds at a site that was just put in, and nothing is left of the probes', async (t) => {
  const site = await deployed(t);
  const ran = await site.run(verifyMain);
  t.match(ran, { status: 0, out: [] }, ran.err.join('\n'));
  const listed = (await site.run(verifyMain, ['--list'])).out.map((line) => line.split('\t')[0]);
  t.same(marked(ran, '✓'), listed, 'every check is ✓');
  t.equal(ran.err.at(-1), 'Everything holds');
  t.same(
    [...site.cluster.objects.keys()].filter((key) => key.includes('/job/')),
    [],
  );
  t.same(
    changesOf(site).filter((line) => !/ (?:delete job|apply) /.test(line)),
    [],
    'Jobs are all that is changed',
  );
});

t.test('the probe goes without a proxy and tries each port of each machine', async (t) => {
  const site = await deployed(t);
  const { err } = await site.run(verifyMain, ['--only', 'bypass']);
  for (const address of [
    '20.190.159.2:443',
    '8.8.8.8:53',
    '10.140.0.10:3128',
    '10.140.0.11:9128',
    '10.140.0.11:22',
  ])
    t.match(err[0], address);
  t.same(site.canaryVariables('weir-verify-bypass'), ['CANARY_ADDRESS', 'CANARY_PROXY', 'CANARY_CLOSED']);
});

interface Planted {
  readonly plant: (site: LivingSite) => void;
  readonly wrong: readonly string[];
  readonly says: RegExp;
}

const VERDICT = {
  step: 'tier2-verdict',
  component: 'tier 2 (t2)',
  detail: 't2 answered 403 Denied by t2 rule after-hours',
  check: 'Check the ACL rules of t2',
};

const FAULTS: Readonly<Record<string, Planted>> = {
  'a way around': {
    plant: (site) => site.open.add('10.140.0.10:3128'),
    wrong: ['bypass'],
    says: /There is a way around the proxy: 10\.140\.0\.10:3128 can be reached directly\n {2}To do: close it now/,
  },
  'a way around by the network of a node': {
    plant: (site) => {
      site.letsInNode = true;
      site.open.add('8.8.8.8:53');
    },
    wrong: ['bypass', 'bypass-node'],
    says: /✗ bypass-node .*\n {2}There is a way around the proxy: 8\.8\.8\.8:53/,
  },
  'a node whose network is broken, which looks closed': {
    plant: (site) => Object.assign(site, { letsInNode: true, nodeHears: 'no answer in 3000 ms' }),
    wrong: ['bypass-node'],
    says: /Nothing is proven: the API server was not reached either \(no answer in 3000 ms\)/,
  },
  'a probe that could not run': {
    plant: (site) => site.dumb.add('weir-verify-bypass'),
    wrong: ['bypass'],
    says: /The probe could not run: it printed nothing/,
  },
  'a doctor that could not run': {
    plant: (site) => site.dumb.add('weir-doctor-verify-microsoft'),
    wrong: ['dns:microsoft', 'permitted:microsoft'],
    says: /✗ permitted:microsoft .*\n {2}The Job printed no diagnosis: nothing/,
  },
  'no canary': {
    plant: (site) => site.cluster.objects.delete('api/cronjob/bypass-canary'),
    wrong: ['bypass', 'bypass-node'],
    says: /To do: deploy\/deploy --settings \S+ --only clients makes it\. That closes every other way out/,
  },
  'a pod with another policy': {
    plant: (site) => Object.assign(site.pods[1] ?? {}, { policy: 'name: other' }),
    wrong: ['tier1-policy'],
    says: /weir-b does not take the configuration that lies there/,
  },
  'a pod of another image': {
    plant: (site) => Object.assign(site.pods[1] ?? {}, { image: `weir@sha256:${'a'.repeat(64)}` }),
    wrong: ['tier1-version'],
    says: /Not all pods have the same image: weir-a sha256:\w+, weir-b sha256:aaaa/,
  },
  'pods of an image that was not deployed': {
    plant: (site) => site.rollOut(`weir@sha256:${'b'.repeat(64)}`),
    wrong: ['tier1-version'],
    says: /The pods run sha256:bbb\w+, and sha256:\w+ is to be there\n {2}To do: .* --tier 1 --to sha256:\w+ puts back/,
  },
  'a pod that is not ready': {
    plant: (site) => Object.assign(site.pods[0] ?? {}, { fault: 'it answered 503: draining' }),
    wrong: ['tier1-ready'],
    says: /weir-a is not ready: it answered 503: draining/,
  },
  'a pod that cannot be asked': {
    plant: (site) => Object.assign(site.pods[0] ?? {}, { isDumb: true }),
    wrong: ['tier1-ready', 'tier1-policy'],
    says: /weir-a cannot be asked: error: unable to upgrade connection/,
  },
  'no pods': {
    plant: (site) => {
      site.cluster.objects.delete('intra-proxy/deployment/weir');
      site.pods = [];
    },
    wrong:
      'tier1-rollout tier1-ready tier1-version tier1-policy dns:microsoft dns:google permitted:microsoft permitted:google refused bypass scraped'.split(
        ' ',
      ),
    says: /Tier 1 has no pods/,
  },
  'a target that is let through': {
    plant: (site) => Object.assign(site, { isLax: true }),
    wrong: ['refused'],
    says: /example\.com:443 gets through, and must not\n {2}To do: weir explain .*deploy\/rollback policy/,
  },
  'doctor ✗': {
    plant: (site) => Object.assign(site, { fault: VERDICT }),
    wrong: ['permitted:microsoft', 'permitted:google'],
    says: /doctor ✗ tier2-verdict, tier 2 \(t2\): .*after-hours\n {2}To do: .*; transaction abc-1 is in the logs/,
  },
  'a name that leads elsewhere': {
    plant: (site) => site.cloud.records.set('google.intra.aibang.local.', '10.96.0.50'),
    wrong: ['dns:google'],
    says: /google\.intra\.aibang\.local leads to 10\.96\.0\.50, and the Service google is 10\.96\.0\.129/,
  },
  'a machine that does not hold': {
    plant: (site) =>
      Object.assign(site.room.server('int-proxy-b'), { crossed: 'Not so: It is ready (/readyz)' }),
    wrong: ['tier2-verify'],
    says: /int-proxy-b: Not so: It is ready \(\/readyz\)\n {2}To do: on int-proxy-b: see there/,
  },
  'machines with different policies': {
    plant: (site) => Object.assign(site.room.server('int-proxy-b'), { configuration: 'name: t2 # other\n' }),
    wrong: ['tier2-alike'],
    says: /The machines differ .*: int-proxy-a 0\.2\.0-1 \w+; int-proxy-b 0\.2\.0-1 \w+/,
  },
  'a rule of the firewall that is gone': {
    plant: (site) => Object.assign(site, { firewall: 'gcloud compute firewall-rules create x\n' }),
    wrong: ['firewall'],
    says: /missing: gcloud compute firewall-rules create x/,
  },
  'a pod that is not scraped': {
    plant: (site) => Object.assign(site, { scraped: 1 }),
    wrong: ['scraped'],
    says: /Prometheus has scraped 1 of 2 of tier-1/,
  },
};

for (const [what, { plant, wrong, says }] of Object.entries(FAULTS)) {
  t.test(`✗ by its name: ${what}`, async (t) => {
    const site = await deployed(t);
    plant(site);
    const ran = await site.run(verifyMain);
    t.equal(ran.status, 1);
    t.same(marked(ran, '✗'), wrong);
    t.match(ran.err.join('\n'), says);
    t.equal(ran.err.at(-1), `Does not hold: ${wrong.join(', ')}`);
  });
}

t.test('another rule than the one that is meant is no refusal by it', async (t) => {
  const site = await deployed(t, { REFUSED_RULE: 'not-api' });
  const ran = await site.run(verifyMain);
  t.same(marked(ran, '✗'), ['refused']);
  t.match(ran.err.join('\n'), /refused by the rule not-microsoft, and not by not-api/);
});

t.test('where no Prometheus is named it is said that nobody was asked', async (t) => {
  const site = await deployed(t, { PROMETHEUS: '' });
  const ran = await site.run(verifyMain);
  t.match(ran, { status: 0 }, ran.err.join('\n'));
  t.same(marked(ran, '–'), ['scraped']);
  t.match(ran.err.join('\n'), /– scraped .*: not looked at: .*prod\.env names no PROMETHEUS/);
  t.equal(ran.err.at(-1), 'Everything holds; not looked at: scraped');
  const json = (await site.run(verifyMain, ['--json'])).out.map((line) => JSON.parse(line));
  t.match(json.at(-1), { step: 'scraped', result: 'skipped' });
  const named = await site.run(verifyMain, ['--only', 'scraped']);
  t.match(named, { status: 1 }, 'by its name it is looked at');
  t.match(named.err.join('\n'), /PROMETHEUS is not set, so that nobody can be asked\n {2}To do: set it in/);
});

t.test('a listener that has not moved is tried by the address of its Service', async (t) => {
  const site = await deployed(t, { MOVE: 'microsoft' });
  const ran = await site.run(verifyMain);
  t.match(ran, { status: 0 }, ran.err.join('\n'));
  t.notOk(marked(ran, '✓').includes('dns:google'));
  t.match(ran.err.join('\n'), /✓ permitted:google .*10\.96\.0\.129 is 10\.96\.0\.129/);
});

t.test('a dry run changes nothing and finds no fault, deployed or not', async (t) => {
  const site = new LivingSite(t);
  for (const state of ['not yet', 'deployed']) {
    const { status, out, err } = await site.run(verifyMain, ['--dry-run']);
    t.equal(status, 0, err.join('\n'));
    t.notMatch(err.join('\n'), /✗/);
    t.match(out.join('\n'), /kubectl \S+ apply --filename=\S+weir-doctor-verify-microsoft\.json/);
    t.same(changesOf(site), [], state);
    await site.run(deployMain);
    site.changes.length = 0;
  }
});

t.test('verify --json has a line for each check, and a check that there is not is misuse', async (t) => {
  const site = await deployed(t);
  site.isLax = true;
  const { out } = await site.run(verifyMain, ['--json', '--only', 'tier1-rollout,refused']);
  t.match(
    out.map((line) => JSON.parse(line)),
    [
      { step: 'tier1-rollout', result: 'done' },
      { step: 'refused', result: 'wrong', detail: /gets through/, cure: /rollback policy/ },
    ],
  );
  for (const args of [['--only', 'all'], ['--only', 'refused', '--without', 'scraped'], ['--fast']])
    t.match(await site.run(verifyMain, args), { status: 64 });
  t.match((await site.run(verifyMain, ['--help'])).out.join('\n'), /^deploy\/verify --settings FILE/);
});
