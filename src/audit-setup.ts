/** The audit trail of `weir run`: what cannot be opened, read back or signed with is a mistake in the configuration. */
import type { AuditLog } from '#audit/audit-log.ts';
import type { AuditSetup } from '#audit/open-audit.ts';
import type { Config } from '#config/config.ts';
import { ExitCode } from './exit-codes.ts';

/** Begins to write it. @throws {Error} with `exitCode` 78 where the file cannot be opened */
export type BeginAudit = (setup: AuditSetup) => AuditLog;

/** Undefined where there is none. @throws {Error} with `exitCode` 78 where it cannot go on from where it ended */
export async function auditOf({ log }: Pick<Config, 'log'>): Promise<BeginAudit | undefined> {
  if (log.audit === undefined) return undefined;
  // With what a lock takes: whoever keeps no trail starts without it.
  const { prepareAudit } = await import('#audit/open-audit.ts');
  const begin = await prepareAudit(log.audit).catch(refuse);
  return (setup) => {
    try {
      return begin(setup);
    } catch (error) {
      return refuse(error);
    }
  };
}

function refuse(error: unknown): never {
  throw Object.assign(error as Error, { exitCode: ExitCode.Configuration });
}
