/** What a process writes down, opened together and closed together: records, and the audit trail where there is one. */
import type { AuditLog } from '#audit/audit-log.ts';
import { TrailAuditor } from '#audit/auditor.ts';
import type { Trail } from '#audit/trail.ts';
import type { Config } from '#config/config.ts';
import { openRecords, type Records, type RecordsOptions } from '#record/open.ts';
import type { BeginAudit } from './audit-setup.ts';
import { ExitCode } from './exit-codes.ts';

/** Where audit records go: to a trail that this process writes, or to another process that does. */
export interface AuditParts {
  readonly beginAudit?: BeginAudit | undefined;
  readonly trail?: Trail | undefined;
  readonly standardOutput?: RecordsOptions['standardOutput'];
}

export interface ServiceRecords extends Records {
  /** Undefined where there is none, or another process writes it. */
  readonly audit: AuditLog | undefined;
  /** Undefined: there is no audit trail. */
  readonly auditor: TrailAuditor | undefined;
}

/** @throws {Error} with `exitCode` 78: a log file cannot be opened */
export function openServiceRecords(
  config: Config,
  { beginAudit, trail, standardOutput }: AuditParts,
): ServiceRecords {
  const records = openLogs(config, standardOutput);
  const { log, metrics, recorder } = records;
  const onDrop = (lost: number): void => metrics.logDropped('audit', lost);
  const audit = beginAudit?.({ hop: config.name, policy: config.hash, log, onDrop });
  if (audit !== undefined) metrics.host.observeAudit(() => audit.isFailing);
  const to = trail ?? audit;
  const auditor = to && new TrailAuditor(to, config.log.audit?.strict === true);
  return {
    ...records,
    audit,
    auditor,
    recorder: auditor?.before(recorder) ?? recorder,
    async reopen() {
      await records.reopen();
      await audit?.reopen();
    },
    async close() {
      await records.close();
      await audit?.close();
    },
  };
}

/** A log that the configuration names and that cannot be written is a mistake in the configuration. */
function openLogs(config: Config, standardOutput: RecordsOptions['standardOutput']): Records {
  try {
    return openRecords({ name: config.name, ...config.log, standardOutput });
  } catch (error) {
    throw Object.assign(error as Error, { exitCode: ExitCode.Configuration });
  }
}
