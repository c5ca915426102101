/**
 * Weir as it ships: its launcher, the examples' rules, access log to a file, metrics on; one tier, or both in a chain, as the
 * examples have it, without connections that are opened ahead, or with TLS between them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from 'yaml';
import { freePort } from '../../scripts/lib/ports.ts';
import { untilReachable } from '../harness/ports.ts';
import { Program } from '../harness/program.ts';
import { makeCertificates, missingOpenssl } from './certificates.ts';
import { portOver } from './distance.ts';
import { ownWay, type Tier } from './own-way.ts';
import { HOST, ORIGIN_NAME, type Setting, type Subject, type Way } from './subject.ts';
import { ROOT, tierOne, tierTwo, withoutStandby, withTls } from './tier.ts';
import { ownFolder } from './tools.ts';

/** Starts the checkout in `root` by `document`; it ends with `owner`. */
export async function startTier(
  owner: AsyncDisposableStack,
  { document, folder, root }: Start,
): Promise<Tier> {
  const port = await freePort();
  document.setIn(['listeners', 0, 'address'], `${HOST}:${port}`);
  document.setIn(['admin', 'address'], `${HOST}:${await freePort()}`);
  document.setIn(['log', 'access', 'path'], join(folder, 'access.log'));
  const file = join(folder, 'weir.yaml');
  writeFileSync(file, String(document));
  const program = owner.use(await Program.spawn([join(root, 'bin/weir'), 'run', '-c', file], folder));
  await untilReachable(port, program);
  return { pid: program.pid, port };
}

interface Start {
  readonly document: Document;
  readonly folder: string;
  readonly root: string;
}

/** Starts one tier of the checkout in `root`, which dials the origin itself. */
export function startWeir(setting: Setting, root: string): Promise<Way> {
  return ownWay(ORIGIN_NAME, async (owner) => {
    const folder = ownFolder(owner);
    return [await startTier(owner, { document: tierTwo(setting, folder, root), folder, root })];
  });
}

/** In what the tiers of a chain differ from the examples. */
interface Chain {
  readonly hasStandby?: boolean;
  readonly hasTls?: boolean;
}

/** Starts tier 1 and tier 2 of the checkout in `root`. */
export function startWeirTwoTier(
  setting: Setting,
  root: string,
  { hasStandby = true, hasTls = false }: Chain = {},
): Promise<Way> {
  return ownWay(ORIGIN_NAME, async (owner) => {
    const [near, far] = [ownFolder(owner), ownFolder(owner)];
    const certificates = hasTls ? makeCertificates(far) : undefined;
    const last = tierTwo(setting, far, root);
    if (certificates !== undefined) withTls(last, certificates);
    const t2 = await startTier(owner, { document: last, folder: far, root });
    const first = tierOne(setting, await portOver(owner, t2, setting), root);
    if (certificates !== undefined) withTls(first, certificates);
    if (!hasStandby) withoutStandby(first);
    return [await startTier(owner, { document: first, folder: near, root }), t2];
  });
}

export const weir: Subject = {
  name: 'weir',
  title: 'Weir',
  story: '`examples/t2.yaml`: its rules, access log to a file, metrics',
  start: (setting) => startWeir(setting, ROOT),
};

export const weirTwoTier: Subject = {
  name: 'weir-two-tier',
  title: 'Weir, two tiers',
  story:
    '`examples/t1.yaml` before `examples/t2.yaml`, plain TCP between them, with the connections that tier 1 opens ahead (`standby: 8` for each peer); the cost of both',
  start: (setting) => startWeirTwoTier(setting, ROOT),
};

export const weirColdTwoTier: Subject = {
  name: 'weir-cold-two-tier',
  title: 'Weir, two tiers, no standby',
  story:
    'those two tiers without `standby`: a connection to tier 2 is opened when a client asks for a tunnel',
  start: (setting) => startWeirTwoTier(setting, ROOT, { hasStandby: false }),
};

export const weirTlsTwoTier: Subject = {
  name: 'weir-tls-two-tier',
  title: 'Weir, two tiers, TLS',
  story: 'those two tiers with `standby: 8`, and mutual TLS 1.3 between them',
  missing: missingOpenssl,
  start: (setting) => startWeirTwoTier(setting, ROOT, { hasTls: true }),
};

export const weirTlsColdTwoTier: Subject = {
  name: 'weir-tls-cold-two-tier',
  title: 'Weir, two tiers, TLS, no standby',
  story:
    'those two tiers with mutual TLS 1.3 and without `standby`: TCP and TLS begin when a client asks for a tunnel',
  missing: missingOpenssl,
  start: (setting) => startWeirTwoTier(setting, ROOT, { hasTls: true, hasStandby: false }),
};
