/** Tier 2: each machine holds by vm/verify, all have the same file and version, and the firewall is the one of the settings. */
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import { type Machine, ROOT } from '../lib/settings.ts';
import { reasonIn } from '../lib/shell.ts';
import type { World } from '../lib/step.ts';
import { IDENTITY, onMachine, vmScript } from '../steps/tools.ts';
import type { Check } from './check.ts';

/** vm/verify waits 70 s at most for the first checkpoint of an audit trail. */
const VERIFY_MS = 240_000;

const verified: Check = {
  id: 'tier2-verify',
  title: 'Each machine of tier 2 holds: vm/verify',
  cure: 'do what it says, on that machine',
  run: async ({ world }) => {
    const { machines } = world.settings;
    for (const machine of machines) {
      const { status, stderr } = await world.shell.ask(
        onMachine(world, machine, { run: vmScript(world, 'verify'), timeoutMs: VERIFY_MS }),
      );
      if (status !== 0) throw unverified(machine, status, stderr);
    }
    return machines.map(({ name }) => name).join(', ');
  },
};

/** What it crossed, with what to do; where it crossed nothing it could not be run. */
function unverified({ name }: Machine, status: number | undefined, stderr: string): Fault {
  const lines = stderr.split('\n');
  const crossed = lines.flatMap((line, at) =>
    line.startsWith('✗ ') ? [[line.slice(2), lines[at + 1] ?? '']] : [],
  );
  const [first] = crossed;
  if (first === undefined) {
    return new Fault(
      `vm/verify could not be run on ${name} (${status ?? 'no end'}): ${reasonIn(stderr)}`,
      `gcloud compute ssh ${name}, and see there`,
    );
  }
  const cures = crossed.map(([, cure = '']) => cure.replace(/^ *To do: /, ''));
  return new Fault(`${name}: ${crossed.map(([what]) => what).join('; ')}`, `on ${name}: ${cures.join('; ')}`);
}

const alike: Check = {
  id: 'tier2-alike',
  title: 'All machines of tier 2 have the same version and the same policy',
  cure: 'docs/runbooks/WeirPoliciesDiffer.md',
  run: async ({ world }) => {
    const found = new Map<string, string[]>();
    for (const machine of world.settings.machines) {
      const printed = await world.shell.look(onMachine(world, machine, { run: IDENTITY }));
      const said = /^\S+ [0-9a-f]{64}(?= )/m.exec(printed)?.[0];
      if (said === undefined) {
        throw new Fault(
          `${machine.name} does not say what it runs: "${printed}"`,
          `gcloud compute ssh ${machine.name}, and see there`,
        );
      }
      found.set(said, [...(found.get(said) ?? []), machine.name]);
    }
    const [only, ...others] = found.keys();
    if (only !== undefined && others.length === 0) return only;
    const told = [...found].map(([what, names]) => `${names.join(', ')} ${what}`).join('; ');
    throw new Fault(`The machines differ (version, SHA-256 of weir.yaml): ${told}`, alike.cure);
  },
};

const firewall: Check = {
  id: 'firewall',
  title: 'The firewall lets pods and nodes out by tier 2 alone, and is as the settings have it',
  cure: 'vm/firewall.sh says what differs; what is missing it makes',
  run: async ({ world }) => {
    const { status, stdout, stderr } = await world.shell.ask(firewallDryRun(world));
    const missing = stdout.toString().split('\n').filter(Boolean);
    if (status === 0 && missing.length === 0) return 'nothing differs';
    const crossed = stderr.split('\n').filter((line) => line.startsWith('✗ '));
    const what = [...crossed.map((line) => line.slice(2)), ...missing.map((line) => `missing: ${line}`)];
    const look = `vm/firewall.sh --settings ${world.settings.vmSettings} --dry-run says it whole`;
    if (what.length === 0)
      throw new Fault(
        `It could not be looked at: ${reasonIn(stderr) || 'no end'}`,
        `${look}: read what it says`,
      );
    throw new Fault(what.join('; '), `${look}; without --dry-run it makes what is missing`);
  },
};

function firewallDryRun({ settings }: World) {
  return {
    words: [join(ROOT, 'vm/firewall.sh'), '--settings', settings.vmSettings, '--dry-run'] as const,
    timeoutMs: VERIFY_MS,
  };
}

export const tier2Checks: readonly Check[] = [verified, alike, firewall].map((check) => ({
  ...check,
  side: 'cloud',
}));
