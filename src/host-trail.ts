/** The audit trail of a host with workers, which the supervisor writes: opened and closed once, and read back for workers that come back. */
import type { AuditLog } from '#audit/audit-log.ts';
import { writtenBodies } from '#audit/written-bodies.ts';
import type { Config } from '#config/config.ts';
import type { SharedOutput } from '#record/open.ts';
import type { HostTrail } from '#supervisor/host-audit.ts';
import { auditOf } from './audit-setup.ts';

export interface OpenTrail extends HostTrail {
  readonly log: AuditLog;
  /** Whether nothing passes, as it cannot be written. */
  readonly isBlocking: boolean;
  /** Writes everything and closes the file. The same end however often it is asked for. Never rejects. */
  close(): Promise<void>;
}

type Begin = (output: Pick<SharedOutput, 'log' | 'metrics'>, onState: () => void) => OpenTrail;

/** Undefined where there is none. @throws {Error} with `exitCode` 78 where it cannot go on from where it ended */
export async function hostTrailOf(config: Config): Promise<Begin | undefined> {
  const begin = await auditOf(config);
  const { audit } = config.log;
  if (begin === undefined || audit === undefined) return undefined;
  return ({ log, metrics }, onState) => {
    const onDrop = (records: number): void => metrics.logDropped('audit', records);
    const trail = begin({ hop: config.name, policy: config.hash, log, onDrop, onState });
    let closed: Promise<void> | undefined;
    return {
      log: trail,
      writtenBodies: (count) => writtenBodies(audit.path, count),
      get isBlocking() {
        return audit.strict && trail.isFailing;
      },
      close() {
        closed ??= trail.close();
        return closed;
      },
    };
  };
}
