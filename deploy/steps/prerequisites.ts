/** Whether everything is there that a deployment needs: files, programs, who is logged in, and what they may do. It asks only. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Fault } from '../lib/fault.ts';
import type { Step, World } from '../lib/step.ts';
import { missingFiles } from './needed-files.ts';
import { gcloud, kubectl, NAMESPACE } from './tools.ts';

interface Check {
  readonly what: string;
  readonly cure: string;
  readonly holds: (world: World) => boolean | Promise<boolean>;
}

export const prerequisites: Step = {
  id: 'prerequisites',
  title: 'Files, programs and rights are there',
  isAlways: true,
  cure: 'see docs/deploy.md, "Before"',
  lacks: ({ settings }) => missingFiles(settings),
  async run(world) {
    const wrong: Check[] = [];
    for (const check of [sum(world), digest(world), ...programs(world), ...rights(world)]) {
      if (await check.holds(world)) world.report.tick(check.what);
      else wrong.push(check);
    }
    if (wrong.length === 0) return undefined;
    const what = wrong.map((check) => `Not so: ${check.what}`).join('\n  ');
    throw new Fault(what, [...new Set(wrong.map(({ cure }) => cure))].join('\n         '));
  },
};

function sum({ settings }: World): Check {
  return {
    what: `The sum of ${settings.package} is PACKAGE_SHA256`,
    cure: isOfExample(settings.text.PACKAGE_SHA256)
      ? `PACKAGE_SHA256 in ${settings.file} is still the example's: give the one that sha256sum says where it was built`
      : 'do not install it: build it again (npm run build:deb), and see who changed it',
    holds: () => sumOf(settings.package) === settings.text.PACKAGE_SHA256,
  };
}

function digest({ settings }: World): Check {
  return {
    what: 'IMAGE_DIGEST is that of an image',
    cure: `IMAGE_DIGEST in ${settings.file} is still the example's: give the one that skopeo inspect --format={{.Digest}} says, or IMAGE_SOURCE instead`,
    holds: () => !isOfExample(settings.text.IMAGE_DIGEST),
  };
}

/** Nothing has such a sum. */
const isOfExample = (sum = ''): boolean => /^(?:sha256:)?0{64}$/.test(sum);

function programs({ settings }: World): readonly Check[] {
  const asked: readonly (readonly [program: string, ...args: string[]])[] = [
    ['gcloud', '--version'],
    ['kubectl', 'version', '--client'],
    ['openssl', 'version'],
    ['tar', '--version'],
    ...(settings.text.IMAGE_SOURCE === '' ? [] : [['skopeo', '--version'] as const]),
  ];
  return asked.map((words) => ({
    what: `${words[0]} is installed`,
    cure: `install ${words[0]}`,
    holds: ({ shell }) => isFine(shell.ask({ words })),
  }));
}

function rights({ settings }: World): readonly Check[] {
  const { CONTEXT: context, CLIENT_NAMESPACE: clients = '' } = settings.text;
  const may = (verb: string, what: string, namespace: string): Check => ({
    what: `kubectl may ${verb} ${what} in ${namespace}`,
    cure: `ask for that right in the cluster, or correct CONTEXT in ${settings.file}: it is ${context}`,
    holds: (world) =>
      isFine(world.shell.ask(kubectl(world, ['auth', 'can-i', verb, what, `--namespace=${namespace}`]))),
  });
  return [
    {
      what: `gcloud reads ${settings.project}`,
      cure: 'gcloud auth login, and ask for the roles of vm/README.md',
      holds: (world) =>
        isFine(world.shell.ask(gcloud(world, ['compute', 'networks', 'describe', settings.network]))),
    },
    may('create', 'deployments.apps', NAMESPACE),
    may('create', 'secrets', NAMESPACE),
    may('create', 'jobs.batch', clients),
  ];
}

async function isFine(ended: Promise<{ readonly status: number | undefined }>): Promise<boolean> {
  try {
    return (await ended).status === 0;
  } catch {
    return false;
  }
}

/** As sha256sum says it. */
function sumOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
