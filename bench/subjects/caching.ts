/** Weir and Squid as caches: the rules that both have elsewhere, with what is kept in memory, for clients that are no hops of ours. */
import type { Document } from 'yaml';
import { ownWay } from './own-way.ts';
import { squidAccess } from './squid-conf.ts';
import { startSquid } from './squid-tier.ts';
import { ORIGIN_NAME, type Setting, type Subject, type Way } from './subject.ts';
import { policyOf, ROOT, tierTwo, withCache } from './tier.ts';
import { missingTool, ownFolder } from './tools.ts';
import { startTier } from './weir.ts';

const RULES = 'the rules of `examples/t2.yaml`, access log of its own format to a file';

function startWeirCache(setting: Setting): Promise<Way> {
  return ownWay(ORIGIN_NAME, async (owner) => {
    const folder = ownFolder(owner);
    const document: Document = tierTwo(setting, folder);
    withCache(document);
    return [await startTier(owner, { document, folder, root: ROOT })];
  });
}

function startSquidCache(setting: Setting): Promise<Way> {
  return ownWay(ORIGIN_NAME, async (owner) => {
    const folder = ownFolder(owner);
    const lines = squidAccess(policyOf(tierTwo(setting, folder)));
    return [await startSquid(owner, { folder, lines, isCaching: true })];
  });
}

export const weirCache: Subject = {
  name: 'weir-cache',
  title: 'Weir, cache',
  story: `${RULES}, metrics; \`cache: true\`, 256 MiB of memory, and no client is a hop`,
  start: startWeirCache,
};

export const squidCache: Subject = {
  name: 'squid-cache',
  title: 'Squid, cache',
  story: `${RULES}; \`cache_mem\` of 256 MB and no disk`,
  missing: () => missingTool('squid'),
  start: startSquidCache,
};
