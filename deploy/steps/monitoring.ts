/** Rules, dashboards and scraping in the cluster, and the agent's configuration on the machines (k8s/monitoring, vm/monitoring). */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { hashOfBuild } from './kustomized.ts';
import { missingMonitoring, ON_MACHINES } from './needed-files.ts';
import { hashOf, kubectl, onMachine, workFolder } from './tools.ts';

const AGENT = join(ROOT, 'vm/monitoring/ops-agent.yaml');
const COMPONENTS = join(ROOT, 'k8s/monitoring');
const AGENT_FILE = '/etc/google-cloud-ops-agent/config.yaml';

export const monitoring: Step = {
  id: 'monitoring',
  title: 'Both tiers are watched',
  after: ['rollout'],
  cure: 'k8s/monitoring/README.md says what each folder needs, such as the Prometheus Operator',
  lacks: ({ settings }) => missingMonitoring(settings),
  inputs: ({ settings }) => [
    settings.monitoring,
    hashOf(AGENT),
    ...folders(settings.monitoring).map(hashOfBuild),
  ],
  async run(world) {
    const { settings } = world;
    if (folders(settings.monitoring).length > 0) await inCluster(world);
    if (settings.monitoring.includes(ON_MACHINES)) await onMachines(world);
    return settings.monitoring.join(', ') || 'nothing, as MONITORING says';
  },
};

function folders(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== ON_MACHINES).map((name) => join(COMPONENTS, name));
}

async function inCluster(world: World): Promise<void> {
  const folder = workFolder(world, 'monitoring');
  const list = folders(world.settings.monitoring).map((each) => `  - ${relative(folder, each)}`);
  world.shell.write(join(folder, 'kustomization.yaml'), ['components:', ...list, ''].join('\n'));
  await world.shell.change(kubectl(world, ['apply', `--kustomize=${folder}`]));
}

async function onMachines(world: World): Promise<void> {
  const place = `sudo sh -c 'cat >${AGENT_FILE}.new && mv ${AGENT_FILE}.new ${AGENT_FILE} && systemctl restart google-cloud-ops-agent'`;
  const cure =
    'install the Ops Agent on the machine, and give its account the role Monitoring Metric Writer (vm/README.md)';
  for (const machine of world.settings.machines) {
    const program = onMachine(world, machine, { run: place, cure });
    await world.shell.change(program, { from: AGENT, bytes: readFileSync(AGENT) });
  }
}
