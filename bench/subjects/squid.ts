/**
 * Squid with the same rules as Weir, access log to a file in batches as Weir writes its own, no cache, and otherwise as it comes;
 * one tier, or both in a chain, of plain TCP or with TLS between them.
 */
import { execFileSync } from 'node:child_process';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { makeCertificates, missingOpenssl } from './certificates.ts';
import { portOver } from './distance.ts';
import { ownWay } from './own-way.ts';
import { squidAccess } from './squid-conf.ts';
import { peerLine, startSquid } from './squid-tier.ts';
import { ORIGIN_NAME, type Setting, type Subject, type Way } from './subject.ts';
import { policyOf, tierOne, tierTwo } from './tier.ts';
import { missingTool, ownFolder } from './tools.ts';

function startOne(setting: Setting): Promise<Way> {
  return ownWay(ORIGIN_NAME, async (owner) => {
    const folder = ownFolder(owner);
    return [await startSquid(owner, { folder, lines: squidAccess(policyOf(tierTwo(setting, folder))) })];
  });
}

function startTwoTier(setting: Setting, { hasTls }: { readonly hasTls: boolean }): Promise<Way> {
  return ownWay(ORIGIN_NAME, async (owner) => {
    const folder = ownFolder(owner);
    const tls = hasTls ? makeCertificates(folder) : undefined;
    const lines = squidAccess(policyOf(tierTwo(setting, folder)));
    const last = await startSquid(owner, { folder, lines, tls });
    const port = await portOver(owner, last, setting);
    const access = squidAccess(policyOf(tierOne(setting, port)));
    const chained = [...access, peerLine(port, tls), 'never_direct allow all'];
    return [await startSquid(owner, { folder: ownFolder(owner), lines: chained }), last];
  });
}

const missing = (): string | undefined => missingTool('squid');

/** Debian's package squid has no OpenSSL, squid-openssl has. */
function missingTls(): string | undefined {
  const without = missing() ?? missingOpenssl();
  if (without !== undefined) return without;
  const built = execFileSync(toolPath('squid') ?? 'squid', ['-v'], { encoding: 'utf8' });
  return built.includes('--with-openssl') ? undefined : 'squid was built without OpenSSL (squid-openssl)';
}

export const squid: Subject = {
  name: 'squid',
  title: 'Squid',
  story: 'the rules of `examples/t2.yaml`, access log to a file, nothing cached',
  missing,
  start: startOne,
};

export const squidTwoTier: Subject = {
  name: 'squid-two-tier',
  title: 'Squid, two tiers',
  story:
    'the rules of `examples/t1.yaml` before those of `examples/t2.yaml`, plain TCP between them; the cost of both',
  missing,
  start: (setting) => startTwoTier(setting, { hasTls: false }),
};

export const squidTlsTwoTier: Subject = {
  name: 'squid-tls-two-tier',
  title: 'Squid, two tiers, TLS',
  story: 'those two tiers with mutual TLS 1.3 between them: `https_port` and `cache_peer ... tls`',
  missing: missingTls,
  start: (setting) => startTwoTier(setting, { hasTls: true }),
};
