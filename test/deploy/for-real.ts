/** What deploy/deploy makes, taken by real programs: kustomize, weir check as vm/install.sh calls it, the scripts of vm/, and the launcher. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { Site } from '../fixtures/deploy/site.ts';
import { kustomize, only } from '../fixtures/manifests.ts';
import { run } from '../fixtures/run.ts';
import { needTool } from '../fixtures/tools.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEPLOY = join(ROOT, 'deploy/deploy');

interface Deployment {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

t.test(
  'kustomize takes the folders that are made: the image by digest, the components, the zone',
  async (t) => {
    const kubectl = await needTool(t, 'kubectl');
    if (kubectl === undefined) return;
    const site = new Site(t, {
      DNS: 'kube-dns',
      DNS_FOLDER: join(ROOT, 'k8s/dns/kube-dns'),
      MONITORING: 'managed-rules,rules,service-monitor,grafana,tier-2',
    });
    site.cloud.records.set('microsoft.intra.aibang.local.', '10.96.0.128');
    t.match(await site.run(deployMain, ['--move', 'microsoft']), { status: 0 });
    const made = (name: string) => kustomize(kubectl, join(site.folder, 'prod.work', name));
    const tier1 = only<Deployment>(made('tier-1'), 'Deployment');
    const digest = site.state().facts['image.digest'];
    t.equal(
      tier1.spec.template.spec.containers[0]?.image,
      `asia-docker.pkg.dev/aibang/egress/weir@${digest}`,
    );
    const kinds = made('monitoring').map(({ kind }) => kind);
    t.same([...new Set(kinds)].toSorted(), [
      'ConfigMap',
      'GlobalRules',
      'PrometheusRule',
      'ScrapeConfig',
      'Service',
      'ServiceMonitor',
    ]);
    const zone = made('dns').find(({ metadata }) => metadata.name.startsWith('intra-dns-')) as
      | { data?: Record<string, string> }
      | undefined;
    t.match(zone?.data?.['intra.aibang.local.zone'], /^microsoft {2}IN A {4}10\.96\.0\.128$/m);
    t.ok(zone?.data?.Corefile);
  },
);

t.test(
  'weir check takes what is sent to a machine, as vm/install.sh has it before it installs',
  async (t) => {
    const site = new Site(t);
    t.match(await site.run(deployMain, ['--until', 'keys']), { status: 0 });
    const machine = join(site.secrets, 'vm/int-proxy-a');
    const folder = join(site.folder, 'sent');
    mkdirSync(join(folder, 'keys'), { recursive: true });
    const script = [
      `tar -c -h -C ${ROOT}/deploy/tier-2 . -C ${site.secrets} ca.pem -C ${machine} t2.pem | tar -x -C ${folder}`,
      `openssl genpkey -algorithm ed25519 -out ${machine}/audit.key`,
      `tar -c -C ${machine} t2.key -C ${machine} audit.key -C ${site.secrets} hop.key | tar -x -C ${folder}/keys`,
      `. ${ROOT}/vm/lib.sh; . ${ROOT}/vm/lib-machine.sh`,
      `check_configuration ${ROOT}/bin/weir ${folder} ${site.folder}/none ${folder}/keys`,
    ];
    const { status, stderr } = await run('bash', ['-ec', script.join('\n')]);
    t.equal(status, 0, stderr);
  },
);

t.test(
  'the program finds its Node, drives weir check and the scripts of vm/, and tells what it may be asked',
  async (t) => {
    const site = new Site(t);
    const env = {
      PATH: `${join(ROOT, 'test/fixtures/standins')}:${process.env.PATH ?? ''}`,
      STANDIN_STATE: site.folder,
    };
    const only = (steps: string, ...more: string[]) =>
      run(DEPLOY, ['--settings', site.settings, '--only', steps, ...more], { env });
    const dry = await only('vm-firewall', '--dry-run');
    t.equal(dry.status, 0, dry.stderr);
    t.match(dry.stdout, /^gcloud compute firewall-rules create weir-tier2-proxy /m);
    t.notOk(existsSync(join(site.folder, 'changes')));
    const { status, stderr } = await only('configuration,vm-create');
    t.equal(status, 0, stderr);
    t.match(stderr, /✓ configuration .*t1 to t2: all that the first sends is allowed by the second/);
    t.match(readFileSync(join(site.folder, 'changes'), 'utf8'), /^compute instances create int-proxy-b /m);
    t.match(await run(DEPLOY, ['--help']), { status: 0, stdout: /Exit codes: .*\n\nExamples:/ });
    t.match(await run(DEPLOY, ['--from', 'x']), {
      status: 64,
      stderr: /Cannot run: --settings FILE is needed/,
    });
  },
);
