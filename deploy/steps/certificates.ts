/**
 * The authority of the hops and a certificate for each tier, in the folder of secrets: made by openssl where they are missing, or taken
 * in each run from what cert-manager has made. What is there is left alone, a key without a certificate is used for one, and changing
 * them is docs/operations.md's.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import { MIN_DAYS } from '../lib/settings-table.ts';
import type { Step, World } from '../lib/step.ts';
import {
  faultsOfOwn,
  isTaken,
  missingCertificates,
  ownCa,
  requireFit,
  secretsOf,
  type Wanted,
  wantedOf,
} from './pairs.ts';
import { takeSecret } from './take-secret.ts';
import { kubectl, NAMESPACE } from './tools.ts';

export const certificates: Step = {
  id: 'certificates',
  title: 'Authority and certificates of both tiers are there',
  after: ['configuration'],
  cure: 'see who may write SECRETS, and that openssl is 3.0 or newer',
  lacks: ({ settings }) => faultsOfOwn(settings),
  inputs: ({ settings }) => [settings.text.CERTIFICATES, wantedOf(settings).map(({ names }) => names)],
  isStale: ({ settings }) => isTaken(settings) || missingCertificates(settings).length > 0,
  async run(world) {
    const { settings, shell } = world;
    await makeFolders(world);
    if (!shell.isDry) isClosed(settings.secrets);
    if (isTaken(settings)) await takeAll(world);
    else await makeAll(world);
    return shell.isDry ? undefined : requireFit(settings, isTaken(settings) ? 0 : MIN_DAYS);
  },
};

async function makeFolders({ settings, shell }: World): Promise<void> {
  const own = settings.machines.map(({ name }) => secretsOf(settings, name));
  const missing = [settings.secrets, join(settings.secrets, 'vm'), ...own].filter(
    (each) => !existsSync(each),
  );
  if (missing.length > 0) await shell.change({ words: ['install', '-d', '-m', '700', ...missing] });
}

/** @throws {Fault} where others may enter */
function isClosed(folder: string): void {
  if ((statSync(folder).mode & 0o077) !== 0)
    throw new Fault(
      `others may read ${folder}`,
      `chmod 700 ${folder}, and change what was in it where that was seen`,
    );
}

async function makeAll(world: World): Promise<void> {
  const { settings } = world;
  const ca = ownCa(settings);
  if (!existsSync(`${ca}.pem`)) {
    await makeKey(ca, world);
    const own = ['req', '-x509', '-new', '-key', `${ca}.key`, '-days', '3650', '-subj', '/CN=Weir hops'];
    await makeWhole(`${ca}.pem`, own, world);
  }
  for (const wanted of wantedOf(settings))
    if (!existsSync(`${wanted.file}.pem`)) await make(wanted, ca, world);
}

async function make({ file, subject, names }: Wanted, ca: string, world: World): Promise<void> {
  await makeKey(file, world);
  const request = `${file}.csr`;
  const alternative = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
  const asked = ['-key', `${file}.key`, '-out', request, '-subj', subject, '-addext', alternative];
  await world.shell.change({ words: ['openssl', 'req', '-new', ...asked] });
  const signed = ['-in', request, '-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-copy_extensions', 'copy'];
  const days = world.settings.text.CERTIFICATE_DAYS ?? '';
  await makeWhole(`${file}.pem`, ['x509', '-req', ...signed, '-days', days], world);
}

/** One that is there is used: a run that was broken off may have left it. */
async function makeKey(file: string, world: World): Promise<void> {
  const key = `${file}.key`;
  if (!existsSync(key)) await makeWhole(key, NEW_KEY, world);
}

const NEW_KEY = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** What openssl writes has its name once it is whole, however that is broken off. */
async function makeWhole(file: string, args: readonly string[], { shell }: World): Promise<void> {
  await shell.change({ words: ['openssl', ...args, '-out', `${file}.new`] });
  await shell.change({ words: ['mv', `${file}.new`, file] });
}

/** Tier 1's stays in the cluster; the machines share theirs. */
async function takeAll(world: World): Promise<void> {
  const { settings, shell } = world;
  const cure = `have cert-manager make it: a Certificate with secretName weir-tls in ${NAMESPACE} (k8s/components/mtls)`;
  await shell.look(
    kubectl(world, ['get', 'secret', 'weir-tls', `--namespace=${NAMESPACE}`, '--output=name'], { cure }),
  );
  const name = settings.text.TIER_2_SECRET ?? '';
  for (const machine of settings.machines) {
    const file = join(secretsOf(settings, machine.name), 't2');
    await takeSecret(world, {
      name,
      fields: { 'tls.crt': `${file}.pem`, 'tls.key': `${file}.key`, 'ca.crt': `${ownCa(settings)}.pem` },
    });
  }
}
