/**
 * Names that clients have, moved to Weir one listener at a time. What a name led to before is remembered before it is changed, and is
 * what going back restores.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Fault } from '../lib/fault.ts';
import type { Listener } from '../lib/settings.ts';
import { reasonIn } from '../lib/shell.ts';
import type { Step, World } from '../lib/step.ts';
import { hashOfBuild } from './kustomized.ts';
import { missingZone } from './needed-files.ts';
import { gcloud, kubectl, NAMESPACE, workFolder } from './tools.ts';

/** The fact that says what a name led to before; {@link NOTHING} where there was none. */
export const beforeOf = (listener: string): string => `dns.${listener}.before`;
/** The fact that says that it leads to Weir. */
export const movedOf = (listener: string): string => `dns.${listener}.moved`;
export const NOTHING = 'nothing';

export function moveName(listener: Listener): Step {
  return {
    id: `dns:${listener.name}`,
    title: `${listener.host} leads to Weir`,
    after: [`service:${listener.name}`],
    cure: 'k8s/README.md, "DNS"',
    lacks: ({ settings }) => missingZone(settings),
    inputs: ({ settings: { text, dnsFolder } }) => [
      listener,
      text.DNS,
      text.DNS_ZONE,
      text.DNS === 'kube-dns' ? hashOfBuild(dnsFolder) : '',
    ],
    async run(world) {
      const { DNS } = world.settings.text;
      if (DNS === 'elsewhere') return `see to it that it is ${listener.address}: nothing here can`;
      if (DNS === 'cloud-dns') await leadRecord(world, listener, listener.address);
      else await leadZone(world, listener, listener.address);
      world.state.remember(movedOf(listener.name), 'yes');
      return listener.address;
    },
  };
}

/** Has the name of `listener` lead to `address` in Cloud DNS; what it was is kept, once. */
export async function leadRecord(world: World, listener: Listener, address: string): Promise<void> {
  const { settings, shell, state } = world;
  const now = await addressOf(world, listener);
  if (now === address) return;
  state.rememberFirst(beforeOf(listener.name), now || NOTHING);
  const how = now === '' ? 'create' : 'update';
  const wanted = [`--ttl=${settings.text.DNS_TTL}`, `--rrdatas=${address}`];
  await shell.change(gcloud(world, ['dns', 'record-sets', how, ...recordOf(world, listener), ...wanted]));
}

/** Takes away what {@link leadRecord} has made where there was none. @returns where it leads now, for a person */
export async function dropRecord(world: World, listener: Listener): Promise<string> {
  const now = await addressOf(world, listener);
  if (now === '') return 'it leads nowhere';
  if (now !== listener.address) return `it leads to ${now}, which is not Weir, and is left alone`;
  await world.shell.change(gcloud(world, ['dns', 'record-sets', 'delete', ...recordOf(world, listener)]));
  return 'its record is gone, as before';
}

function recordOf({ settings }: World, { host }: Listener): readonly string[] {
  return [`${host}.`, `--zone=${settings.text.DNS_ZONE}`, '--type=A'];
}

/** Empty where there is no record. @throws {Fault} where that cannot be seen */
async function addressOf(world: World, listener: Listener): Promise<string> {
  const { status, stdout, stderr } = await world.shell.ask(
    gcloud(world, [
      'dns',
      'record-sets',
      'describe',
      ...recordOf(world, listener),
      '--format=value(rrdatas[0])',
    ]),
  );
  if (status === 0) return stdout.toString().trim();
  if (/was not found|NOT_FOUND|does not exist/.test(stderr)) return '';
  throw new Fault(
    `${listener.host} cannot be read: ${reasonIn(stderr)}`,
    'see that gcloud may read the zone; nothing was changed',
  );
}

/**
 * The same in the zone that a name server of our own serves. The file of DNS_FOLDER says where names lead that have not moved, and so
 * what they led to before; those that have moved are changed in a copy of it.
 */
export async function leadZone(world: World, listener: Listener, address: string): Promise<void> {
  const { settings, shell, state } = world;
  const file = readdirSync(settings.dnsFolder).find((name) => name.endsWith('.zone'));
  if (file === undefined)
    throw new Fault(
      `${settings.dnsFolder} has no file that ends in .zone`,
      'begin with a copy of k8s/dns/kube-dns',
    );
  const zone = readFileSync(join(settings.dnsFolder, file), 'utf8');
  const others = settings.listeners.filter(
    ({ name }) => name !== listener.name && state.recall(movedOf(name)) !== undefined,
  );
  const text = others.reduce(
    (made, each) => withAddress(made, each, each.address),
    withAddress(zone, listener, address),
  );
  // Only now: a name that the file does not have yet is refused, and is given there what it leads to.
  state.rememberFirst(beforeOf(listener.name), addressIn(zone, listener) ?? NOTHING);
  const folder = workFolder(world, 'dns');
  const merged = [
    'resources:',
    `  - ${relative(folder, settings.dnsFolder)}`,
    'configMapGenerator:',
    `  - { name: intra-dns, namespace: ${NAMESPACE}, behavior: merge, files: [${file}] }`,
  ];
  shell.write(join(folder, file), text);
  shell.write(join(folder, 'kustomization.yaml'), `${merged.join('\n')}\n`);
  await shell.change(kubectl(world, ['apply', `--kustomize=${folder}`]));
}

const RECORD = /^(\S+)(\s+IN\s+A\s+)(\S+)/;

const isOf = (name: string, { host }: Listener): boolean =>
  host === name.replace(/\.$/, '') || host.startsWith(`${name}.`);

function addressIn(zone: string, listener: Listener): string | undefined {
  const records = zone.split('\n').map((line) => RECORD.exec(line));
  return records.find((record) => record !== null && isOf(String(record[1]), listener))?.[3];
}

/** @throws {Fault} where the zone has no such name */
function withAddress(zone: string, listener: Listener, address: string): string {
  if (addressIn(zone, listener) === undefined)
    throw new Fault(
      `The zone of DNS_FOLDER has no record of ${listener.host}`,
      'add it, with the address of the proxy before as long as its clients stay there',
    );
  const lines = zone.split('\n').map((line) => {
    const [, name = '', between = ''] = RECORD.exec(line) ?? [];
    return name !== '' && isOf(name, listener) ? line.replace(RECORD, `${name}${between}${address}`) : line;
  });
  return lines.join('\n');
}
