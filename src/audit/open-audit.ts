/** Opens the audit trail that a configuration asks for. */
import { readFile } from 'node:fs/promises';
import { AuditLog, type AuditLogOptions } from './audit-log.ts';
import { Signer } from './checkpoint.ts';
import { findEnd } from './trail-end.ts';

export interface AuditOptions {
  /** Absolute path. */
  readonly path: string;
  /** Whether nothing passes whose record is not written. */
  readonly strict: boolean;
  /** Absolute path of the private key that signs checkpoints; undefined: nothing does. */
  readonly keyFile: string | undefined;
}

/** What a process makes a trail with. */
export type AuditSetup = Pick<AuditLogOptions, 'hop' | 'policy' | 'log' | 'onDrop' | 'onState'>;

/**
 * Finds where the trail goes on, and reads the key.
 * @returns what begins to write it
 * @throws {Error} where that cannot be
 */
export async function prepareAudit({
  path,
  keyFile,
}: AuditOptions): Promise<(setup: AuditSetup) => AuditLog> {
  const signer = keyFile === undefined ? undefined : new Signer(await readFile(keyFile, 'utf8'));
  const end = await findEnd(path);
  return (setup) => new AuditLog({ ...setup, path, signer, end });
}
