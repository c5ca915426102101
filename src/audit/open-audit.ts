/** Opens the audit trail that a configuration asks for. */
import { readFile } from 'node:fs/promises';
import { AuditLog, type AuditLogOptions } from './audit-log.ts';
import { Signer } from './checkpoint.ts';
import { POOL_CALLS, PROMPT_CALLS } from './synced-disk.ts';
import { findEnd } from './trail-end.ts';
import { lockTrail } from './trail-lock.ts';

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
 * Makes sure that nobody else writes the trail, finds where it goes on, and reads the key.
 * @returns what begins to write it
 * @throws {Error} where that cannot be
 */
export async function prepareAudit(options: AuditOptions): Promise<(setup: AuditSetup) => AuditLog> {
  const { path, strict, keyFile } = options;
  const signer = keyFile === undefined ? undefined : new Signer(await readFile(keyFile, 'utf8'));
  const lock = await lockTrail(path);
  try {
    const end = await findEnd(path);
    const system = strict ? PROMPT_CALLS : POOL_CALLS;
    return (setup) => new AuditLog({ ...setup, path, signer, end, system, onClosed: lock.release });
  } catch (error) {
    lock.release();
    throw error;
  }
}
