/**
 * The authority of the hops and a certificate for each tier, in the folder of secrets: made by openssl where they are missing, or taken
 * in each run from what cert-manager has made. What openssl finds there is left alone, a key without a certificate is used for one, and
 * changing them is docs/operations.md's.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import type { Settings } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { takeSecret } from './take-secret.ts';
import { kubectl, NAMESPACE } from './tools.ts';

const DAY_MS = 86_400_000;
/** With fewer days left it is to be changed before anything else. */
const MIN_DAYS = 14;

/** A certificate, and what it must be. */
interface Wanted {
  /** Without its ending. */
  readonly file: string;
  readonly subject: string;
  readonly names: readonly string[];
}

export const certificates: Step = {
  id: 'certificates',
  title: 'Authority and certificates of both tiers are there',
  after: ['configuration'],
  cure: 'see who may write SECRETS, and that openssl is 3.0 or newer',
  inputs: ({ settings }) => [settings.text.CERTIFICATES, wantedOf(settings).map(({ names }) => names)],
  async run(world) {
    const { settings, shell } = world;
    await makeFolders(world);
    if (!shell.isDry) isClosed(settings.secrets);
    if (settings.text.CERTIFICATES === 'cert-manager') await takeAll(world);
    else await makeAll(world);
    return shell.isDry ? undefined : judge(settings);
  },
};

export const ownCa = (settings: Settings): string => join(settings.secrets, 'ca');
export const ofTier1 = (settings: Settings): string => join(settings.secrets, 't1');
export const secretsOf = (settings: Settings, machine: string): string =>
  join(settings.secrets, 'vm', machine);

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

function wantedOf(settings: Settings): readonly Wanted[] {
  const common = settings.text.DNS_NAME ?? '';
  return [
    { file: ofTier1(settings), subject: '/CN=t1', names: [`t1.${NAMESPACE}`] },
    ...settings.machines.map(({ name, host }) => ({
      file: join(secretsOf(settings, name), 't2'),
      subject: `/CN=${name}`,
      names: [host, common],
    })),
  ];
}

async function makeAll(world: World): Promise<void> {
  const { settings } = world;
  const ca = ownCa(settings);
  if (!isMade(ca, BRING_BACK)) {
    if (wantedOf(settings).some(({ file }) => isMade(file)))
      throw new Fault(`${ca}.pem is gone, and there are certificates of it`, BRING_BACK);
    await makeKey(ca, world, BRING_BACK);
    const own = ['req', '-x509', '-new', '-key', `${ca}.key`, '-days', '3650', '-subj', '/CN=Weir hops'];
    await makeWhole(`${ca}.pem`, own, world);
  }
  for (const wanted of wantedOf(settings)) if (!isMade(wanted.file)) await make(wanted, ca, world);
}

const BRING_BACK =
  'bring both halves back from where SECRETS is kept; without them: docs/operations.md, "Keys and certificates, changed"';

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

/** One that is there is used: a run that was broken off may have left it. @throws {Fault} where it is none */
async function makeKey(file: string, world: World, cure?: string): Promise<void> {
  const key = `${file}.key`;
  if (!existsSync(key)) await makeWhole(key, NEW_KEY, world);
  else if (readable(() => keyIn(file)) === undefined)
    throw new Fault(`${key} is no private key`, cure ?? bringBack(file));
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

/** Whether it is there. What somebody has put there, or damaged, is never replaced. @throws {Fault} where it is, and cannot be used */
function isMade(file: string, cure?: string): boolean {
  if (!existsSync(`${file}.pem`)) return false;
  const wrong = wrongPair(file);
  if (wrong === undefined) return true;
  throw new Fault(`${file}.pem ${wrong}`, cure ?? bringBack(file));
}

const bringBack = (file: string): string =>
  `bring both halves back, ${file}.pem and .key, from where SECRETS is kept; or move both away, and start this again: they are made anew`;

/** What is wrong with the two halves, of which the certificate is there. */
function wrongPair(file: string): string | undefined {
  if (!existsSync(`${file}.key`)) return 'is there without its key';
  const certificate = readable(() => certificateIn(file));
  if (certificate === undefined) return 'is no certificate';
  const key = readable(() => keyIn(file));
  if (key === undefined) return `is there, and ${file}.key is no private key`;
  return certificate.checkPrivateKey(key) ? undefined : 'and its key are no pair';
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const keyIn = (file: string): KeyObject => createPrivateKey(readFileSync(`${file}.key`));

const certificateIn = (file: string): X509Certificate => new X509Certificate(readFileSync(`${file}.pem`));

/** @throws {Fault} where one is not what it must be @returns when the first of them ends */
function judge(settings: Settings): string {
  const isTaken = settings.text.CERTIFICATES === 'cert-manager';
  const own = wantedOf(settings).filter(({ file }) => !isTaken || file !== ofTier1(settings));
  for (const wanted of own) {
    const wrong = wrongWith(wanted);
    if (wrong !== undefined)
      throw new Fault(
        `${wanted.file}.pem ${wrong}`,
        isTaken
          ? 'correct the Certificate of cert-manager, and start this again'
          : `move it away, and its key where that is to be another one, and start this again: it is made anew (${dirname(wanted.file)})`,
      );
  }
  const [first] = own.map(({ file }) => certificateIn(file).validToDate.toISOString()).toSorted();
  return first === undefined ? 'none is ours' : `the first ends ${first}`;
}

function wrongWith({ file, names }: Wanted): string | undefined {
  const unfit = wrongPair(file);
  if (unfit !== undefined) return unfit;
  const certificate = certificateIn(file);
  const missing = names.filter((name) => certificate.checkHost(name) === undefined);
  if (missing.length > 0) return `does not name ${missing.join(', ')}`;
  const days = Math.floor((certificate.validToDate.getTime() - Date.now()) / DAY_MS);
  return days < MIN_DAYS ? `ends in ${days} days` : undefined;
}
