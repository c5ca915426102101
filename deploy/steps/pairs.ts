/**
 * Certificates and keys in the folder of secrets: where they are, what each must be, and what is wrong with those that are there. A pair
 * that cannot work is refused before anything is sent anywhere: a machine that got it would refuse every hop.
 */
import type { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, faultOf } from '../lib/fault.ts';
import type { Settings } from '../lib/settings.ts';
import { certificatesIn, whyNoCertificate, whyNoPair } from './pem.ts';
import { NAMESPACE } from './tools.ts';

const DAY_MS = 86_400_000;

/** A certificate, and what it must be. */
export interface Wanted {
  /** Without its ending. */
  readonly file: string;
  readonly subject: string;
  readonly names: readonly string[];
}

export const ownCa = (settings: Settings): string => join(settings.secrets, 'ca');
export const ofTier1 = (settings: Settings): string => join(settings.secrets, 't1');
export const secretsOf = (settings: Settings, machine: string): string =>
  join(settings.secrets, 'vm', machine);

/** Whether cert-manager makes them, and tier 1's never leaves the cluster. */
export const isTaken = (settings: Settings): boolean => settings.text.CERTIFICATES === 'cert-manager';

/** Those that go by this workstation. */
export function wantedOf(settings: Settings): readonly Wanted[] {
  const common = settings.text.DNS_NAME ?? '';
  const tier1 = { file: ofTier1(settings), subject: '/CN=t1', names: [`t1.${NAMESPACE}`] };
  const machines = settings.machines.map(({ name, host }) => ({
    file: join(secretsOf(settings, name), 't2'),
    subject: `/CN=${name}`,
    names: [host, common],
  }));
  return isTaken(settings) ? machines : [tier1, ...machines];
}

/** What is there and cannot work, of what is made here and never made anew. What cert-manager has made is taken anew, and judged then. */
export function faultsOfOwn(settings: Settings): readonly Fault[] {
  return isTaken(settings) ? [] : faultsOf(settings);
}

/** How it is looked at. */
interface Moment {
  /** @default now */
  readonly nowMs?: number;
  /** A certificate that ends sooner is refused. @default 0: one that has ended */
  readonly minDays?: number;
}

/** All that is wrong with what is there. What is not there is no fault: it is made, or taken. */
export function faultsOf(
  settings: Settings,
  { nowMs = Date.now(), minDays = 0 }: Moment = {},
): readonly Fault[] {
  const ofAuthority = faultsIn(settings, () => faultOfAuthority(settings, nowMs));
  // Of one that is no authority none is signed, and that is said.
  const authorities = ofAuthority.length > 0 ? undefined : authoritiesOf(settings, nowMs);
  const ofPairs = wantedOf(settings).flatMap((wanted) =>
    faultsIn(settings, () => faultOfPair(wanted, { settings, authorities, nowMs, minDays })),
  );
  return [...ofAuthority, ...ofPairs];
}

/** Certificates that are not there. */
export function missingCertificates(settings: Settings): readonly string[] {
  const own = wantedOf(settings).map(({ file }) => file);
  const needed = own.length === 0 ? [] : [ownCa(settings), ...own];
  return needed.map((file) => `${file}.pem`).filter((file) => !existsSync(file));
}

/** @throws {Fault} where one is missing, or is not what it must be @returns when the first of them ends, as a sentence */
export function requireFit(settings: Settings, minDays = 0): string {
  const cure = `have it made, or taken: deploy/deploy --settings ${settings.file} --only certificates`;
  const gone = missingCertificates(settings).map((file) => new Fault(`${file} is not there`, cure));
  const faults = [...gone, ...faultsOf(settings, { minDays })];
  if (faults.length > 0) throw asOne(faults);
  const nowMs = Date.now();
  const ends = wantedOf(settings).map(({ file }) => endOf(file, authoritiesOf(settings, nowMs), nowMs));
  return ends.length === 0 ? 'none is ours' : `the first ends ${new Date(Math.min(...ends)).toISOString()}`;
}

function asOne(faults: readonly Fault[]): Fault {
  const cures = new Set(faults.map(({ cure }) => cure));
  return new Fault(faults.map(({ message }) => message).join('\n  '), [...cures].join('\n         '));
}

/** What cannot be read is a fault of its own. */
function faultsIn(settings: Settings, look: () => Fault | undefined): readonly Fault[] {
  try {
    return [look() ?? []].flat();
  } catch (error) {
    return [faultOf(error, `see who may read ${settings.secrets}`)];
  }
}

const BRING_BACK =
  'bring both halves back from where SECRETS is kept; without them: docs/operations.md, "Keys and certificates, changed"';

function faultOfAuthority(settings: Settings, nowMs: number): Fault | undefined {
  const ca = ownCa(settings);
  const isMade = existsSync(`${ca}.pem`);
  if (!isMade && !isTaken(settings) && wantedOf(settings).some(({ file }) => existsSync(`${file}.pem`)))
    return new Fault(`${ca}.pem is gone, and there are certificates of it`, BRING_BACK);
  const torn = isTaken(settings) ? whyNoCertificate(ca) : whyNoPair(ca, 'any');
  if (torn !== undefined) return new Fault(torn, BRING_BACK);
  if (!isMade || authoritiesOf(settings, nowMs).length > 0) return undefined;
  const authority = certificatesIn(ca).find((certificate) => certificate.ca);
  return new Fault(
    `${ca}.pem ${(authority && outOfTime(authority, nowMs)) ?? 'is no authority'}`,
    BRING_BACK,
  );
}

/** While one authority takes the place of another there are two; of those that are over none counts. */
function authoritiesOf(settings: Settings, nowMs: number): readonly X509Certificate[] {
  const ca = ownCa(settings);
  if (!existsSync(`${ca}.pem`)) return [];
  return certificatesIn(ca).filter(
    (certificate) => certificate.ca && outOfTime(certificate, nowMs) === undefined,
  );
}

interface Judging {
  readonly settings: Settings;
  /** Undefined where nobody knows them. */
  readonly authorities: readonly X509Certificate[] | undefined;
  readonly nowMs: number;
  readonly minDays: number;
}

function faultOfPair(wanted: Wanted, judging: Judging): Fault | undefined {
  const { file } = wanted;
  const { settings } = judging;
  const anew = `${file}.pem and .key`;
  const torn = whyNoPair(file, 'first');
  if (torn !== undefined)
    return new Fault(
      torn,
      isTaken(settings)
        ? RECTIFY
        : `bring both halves back, ${anew}, from where SECRETS is kept; or move both away, and start this again: they are made anew`,
    );
  if (!existsSync(`${file}.pem`)) return undefined;
  const wrong = whyUseless(wanted, judging);
  if (wrong === undefined) return undefined;
  const cure = `move it away, and its key where that is to be another one, and start this again: it is made anew`;
  const own = wrong.startsWith(ENDS_WITH_SIGNER) ? CHANGE_AUTHORITY : cure;
  return new Fault(`${file}.pem ${wrong}`, isTaken(settings) ? RECTIFY : own);
}

const ENDS_WITH_SIGNER = 'ends with what signed it';
const CHANGE_AUTHORITY = 'change what signed it first: docs/operations.md, "Keys and certificates, changed"';
const RECTIFY = 'correct the Certificate of cert-manager, and start this again';

/** What keeps a good pair from working. */
function whyUseless({ file, names }: Wanted, { authorities, nowMs, minDays }: Judging): string | undefined {
  const [certificate] = certificatesIn(file) as [X509Certificate];
  const endMs = endOf(file, authorities, nowMs);
  if (endMs === 0) return 'is not signed by the authority in ca.pem';
  const missing = names.filter((name) => certificate.checkHost(name) === undefined);
  if (missing.length > 0) return `does not name ${missing.join(', ')}`;
  const days = Math.floor((endMs - nowMs) / DAY_MS);
  const isOwn = endMs === validUntil(certificate);
  const soon = isOwn ? `ends in ${days} days` : `${ENDS_WITH_SIGNER} in ${days} days`;
  return outOfTime(certificate, nowMs) ?? (days < minDays ? soon : undefined);
}

/** When it, or what it stands on, ends; 0: none of `authorities` stands for it. Who has ended, or is no authority, signs nothing. */
function endOf(file: string, authorities: Judging['authorities'], nowMs: number): number {
  const [certificate, ...behind] = certificatesIn(file) as [X509Certificate, ...X509Certificate[]];
  if (authorities === undefined) return validUntil(certificate);
  const between = behind.filter((one) => outOfTime(one, nowMs) === undefined);
  return lastOf(certificate, between, authorities);
}

/** Of the ways from it to an authority that which lasts longest counts, and each until the first on it ends. */
function lastOf(
  certificate: X509Certificate,
  between: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): number {
  const direct = authorities.filter((one) => isSignedBy(certificate, one)).map(validUntil);
  const others = between.map((one, at) =>
    isSignedBy(certificate, one) ? lastOf(one, between.toSpliced(at, 1), authorities) : 0,
  );
  return Math.min(validUntil(certificate), Math.max(0, ...direct, ...others));
}

const validUntil = ({ validToDate }: X509Certificate): number => validToDate.getTime();

const isSignedBy = (certificate: X509Certificate, by: X509Certificate): boolean =>
  by.ca && certificate.checkIssued(by) && certificate.verify(by.publicKey);

function outOfTime({ validFromDate, validToDate }: X509Certificate, nowMs: number): string | undefined {
  if (validFromDate.getTime() > nowMs) return `is good from ${validFromDate.toISOString()} on, and not yet`;
  return validToDate.getTime() <= nowMs ? `ended ${validToDate.toISOString()}` : undefined;
}
