/** Files and folders that the settings name, and that nobody but their owner can make: which of them are not there. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ExitCode } from '../lib/exit-codes.ts';
import { Fault } from '../lib/fault.ts';
import { ROOT, type Settings } from '../lib/settings.ts';

/** Also the agent's configuration on machines, beside folders of k8s/monitoring. */
export const ON_MACHINES = 'ops-agent';

/** Of `files`, which the key `key` of the settings names. */
function missing(settings: Settings, key: string, ...files: readonly string[]): readonly Fault[] {
  return notThere(`put it there, or correct ${key} in ${settings.file}`, files);
}

function notThere(cure: string, files: readonly string[]): readonly Fault[] {
  return files
    .filter((file) => !existsSync(file))
    .map((file) => new Fault(`${file} is not there`, cure, ExitCode.NoInput));
}

export function missingPackage(settings: Settings): readonly Fault[] {
  return missing(settings, 'PACKAGE', settings.package);
}

/** Of both tiers. */
export function missingConfigurations(settings: Settings): readonly Fault[] {
  return [
    ...missing(settings, 'TIER_1', join(settings.tier1, 'weir.yaml')),
    ...missing(settings, 'TIER_2', join(settings.tier2, 'weir.yaml')),
  ];
}

export function missingOverlay(settings: Settings): readonly Fault[] {
  return missing(settings, 'TIER_1', join(settings.tier1, 'kustomization.yaml'));
}

export function missingClients(settings: Settings): readonly Fault[] {
  return missing(settings, 'CLIENTS', join(settings.clients, 'kustomization.yaml'));
}

/** Of the name server that kube-dns asks, where names are its. */
export function missingZone(settings: Settings): readonly Fault[] {
  if (settings.text.DNS !== 'kube-dns') return [];
  return missing(settings, 'DNS_FOLDER', join(settings.dnsFolder, 'kustomization.yaml'));
}

export function missingMonitoring(settings: Settings): readonly Fault[] {
  const cure = `correct MONITORING in ${settings.file}: folders of k8s/monitoring, ${ON_MACHINES}, or none`;
  const folders = settings.monitoring.filter((name) => name !== ON_MACHINES);
  const files = folders.map((name) => join(ROOT, 'k8s/monitoring', name, 'kustomization.yaml'));
  return notThere(cure, files);
}

/** What a policy of tier 1 may name stands there. */
export function missingFolder(settings: Settings): readonly Fault[] {
  return missing(settings, 'TIER_1', settings.tier1);
}

/** Of the proxy of before; undefined where none is to be brought back. */
export function oldManifests({ file, text }: Settings): string | undefined {
  return text.OLD_MANIFESTS === '' ? undefined : resolve(dirname(file), text.OLD_MANIFESTS ?? '');
}

export function missingOldManifests(settings: Settings): readonly Fault[] {
  const folder = oldManifests(settings);
  return folder === undefined ? [] : missing(settings, 'OLD_MANIFESTS', join(folder, 'kustomization.yaml'));
}

/** All that putting in needs. */
export function missingFiles(settings: Settings): readonly Fault[] {
  return [
    ...missingPackage(settings),
    ...missingConfigurations(settings),
    ...missingOverlay(settings),
    ...missingClients(settings),
    ...missingZone(settings),
    ...missingMonitoring(settings),
  ];
}
