/**
 * What whoever looks into it afterwards needs, taken before it is gone: logs of pods and machines, events, objects, hashes of the
 * configurations, and what is remembered of the deployment. No Secret is asked for, no configuration is in it, and what looks like a
 * credential is removed. One file that only its owner reads.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inClients, inTier1, TIER_1 } from '../checks/cluster.ts';
import type { Program } from '../lib/shell.ts';
import type { Step, World } from '../lib/step.ts';
import { IDENTITY, onMachine, workFolder } from '../steps/tools.ts';
import { settled } from './goal.ts';
import { redacted } from './redact.ts';

const SINCE = '1h';
const LINES = 20_000;
const OBJECTS =
  'deployments,replicasets,pods,services,endpointslices.discovery.k8s.io,networkpolicies,horizontalpodautoscalers,poddisruptionbudgets';
const TIME_MS = 300_000;

export const evidence: Step = {
  id: 'back:evidence',
  title: 'Logs, events and hashes are kept as evidence',
  cure: 'see how much room the folder beside the state has',
  async run(world) {
    const file = await settled(world, 'evidence', async () => fileOf(world));
    if (world.shell.isDry) return file;
    try {
      await collect(world, file);
    } catch (error) {
      // No reason not to go back.
      world.report.note(`No evidence is kept: ${(error as Error).message}`);
    }
    return file;
  },
};

async function collect(world: World, file: string): Promise<void> {
  const folder = workFolder(world, 'evidence');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const pods = await podsOf(world);
    for (const [name, program] of sources(world, pods)) await keep(world, join(folder, name), program);
    const text = redacted(JSON.stringify(remembered(world), null, 2));
    writeFileSync(join(folder, 'deployment.json'), text, { mode: 0o600 });
    await pack(world, folder, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fileOf({ state, now }: World): string {
  return join(state.beside('evidence'), `${now().replaceAll(/[:.]/g, '-')}.tar.gz`);
}

/** Also those that are about to go. */
async function podsOf(world: World): Promise<readonly string[]> {
  const names = '--output=jsonpath={.items[*].metadata.name}';
  const { stdout } = await world.shell.ask(inTier1(world, ['get', 'pods', `--selector=${TIER_1}`, names]));
  return stdout.toString().split(' ').filter(Boolean);
}

function sources(world: World, pods: readonly string[]): readonly (readonly [string, Program])[] {
  const log = (pod: string, more: readonly string[]): Program =>
    inTier1(world, ['logs', pod, '--container=weir', `--since=${SINCE}`, `--tail=${LINES}`, ...more]);
  const journal = `sudo journalctl --unit=weir --since=-${SINCE} --lines=${LINES} --no-pager --output=short-iso`;
  return [
    ...pods.flatMap((pod) => [
      [`pod-${pod}.log`, log(pod, [])] as const,
      [`pod-${pod}.previous.log`, log(pod, ['--previous'])] as const,
      [
        `pod-${pod}.health.json`,
        inTier1(world, ['exec', pod, '--container=weir', '--', 'weir', 'health', '--json']),
      ] as const,
    ]),
    ['objects.json', inTier1(world, ['get', OBJECTS, '--output=json'])],
    ['events.txt', inTier1(world, ['get', 'events', '--sort-by=.lastTimestamp'])],
    ['events-of-clients.txt', inClients(world, ['get', 'events', '--sort-by=.lastTimestamp'])],
    ...world.settings.machines.flatMap((machine) => [
      [
        `machine-${machine.name}.journal`,
        onMachine(world, machine, { run: journal, timeoutMs: TIME_MS }),
      ] as const,
      [`machine-${machine.name}.identity`, onMachine(world, machine, { run: IDENTITY })] as const,
    ]),
  ];
}

/** What cannot be had is no reason not to go back: why is kept in its place. */
async function keep(world: World, file: string, program: Program): Promise<void> {
  const { status, stdout, stderr } = await world.shell.ask(program);
  const text = status === 0 ? stdout.toString() : `Could not be had (${status ?? 'no end'}): ${stderr}`;
  writeFileSync(file, redacted(text), { mode: 0o600 });
}

/** Nothing secret is remembered; hashes of what was placed are. */
function remembered({ state, settings, now }: World): object {
  const facts = Object.fromEntries(state.facts('').map((name) => [name, state.recall(name)]));
  const steps = Object.fromEntries(state.steps('').map((step) => [step, state.step(step)]));
  return { taken: now(), settings: hash(JSON.stringify(settings.text)), facts, steps };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

async function pack(world: World, folder: string, file: string): Promise<void> {
  const words = ['tar', '--create', '--gzip', '--file=-', `--directory=${folder}`, '.'] as const;
  const { status, stdout, stderr } = await world.shell.ask({ words });
  if (status !== 0) throw new Error(`tar ended with ${status}: ${stderr}`);
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(file, stdout, { mode: 0o600 });
}
