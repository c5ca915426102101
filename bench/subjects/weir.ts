/** Weir as it ships: its launcher, the examples' rules, access log to a file, metrics on; one tier, or both in a chain. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from 'yaml';
import { freePort } from '../../scripts/lib/ports.ts';
import { untilReachable } from '../harness/ports.ts';
import { Program } from '../harness/program.ts';
import { ownWay, type Tier } from './own-way.ts';
import { HOST, ORIGIN_NAME, type Setting, type Subject, type Way } from './subject.ts';
import { ROOT, tierOne, tierTwo } from './tier.ts';
import { ownFolder } from './tools.ts';

/** Starts the checkout in `root` by `document`; it ends with `owner`. */
async function startTier(owner: AsyncDisposableStack, { document, folder, root }: Start): Promise<Tier> {
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

/** Starts tier 1 and tier 2 of the checkout in `root`. */
export function startWeirTwoTier(setting: Setting, root: string): Promise<Way> {
  return ownWay(ORIGIN_NAME, async (owner) => {
    const [near, far] = [ownFolder(owner), ownFolder(owner)];
    const t2 = await startTier(owner, { document: tierTwo(setting, far, root), folder: far, root });
    const document = tierOne(setting, t2.port, root);
    return [await startTier(owner, { document, folder: near, root }), t2];
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
  story: '`examples/t1.yaml` before `examples/t2.yaml`, plain TCP between them; the cost of both',
  start: (setting) => startWeirTwoTier(setting, ROOT),
};
