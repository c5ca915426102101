/**
 * `node bench/micro/audit/auditor.ts [--json]`: what the audit trail costs a tunnel with the write, where many wait for one (`strict`) and
 * where nobody waits. First proves that what was written is a chain that holds. All of the process is counted, so that the thread that
 * writes is.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '#audit/audit-log.ts';
import { TrailAuditor } from '#audit/auditor.ts';
import { BEGINNING } from '#audit/chain.ts';
import { type AuditCalls, POOL_CALLS, PROMPT_CALLS } from '#audit/synced-disk.ts';
import { verifyFiles } from '#audit/verify-files.ts';
import { auditKey } from '../../../test/fixtures/audit.ts';
import { measureSlow } from '../measure.ts';
import { ENTRIES, orderlyRecords } from '../records.ts';

/** Tunnels that are set up at the same time. */
const FEW = 16;
const MANY = 64;

const entries = orderlyRecords();
const entry = (index: number) => entries[index % ENTRIES] as (typeof entries)[number];
const { signer, keys } = auditKey();
const log = { info: () => {}, error: () => {} } as unknown as ConstructorParameters<
  typeof AuditLog
>[0]['log'];
const folder = mkdtempSync(join(os.tmpdir(), 'weir-bench-'));

function open(name: string, system: AuditCalls): AuditLog {
  const end = { head: BEGINNING, tornBytes: 0 };
  const onDrop = (): never => assert.fail('Nothing may be lost');
  return new AuditLog({ path: join(folder, name), hop: 't2', policy: 'p', end, signer, log, onDrop, system });
}

async function strict(auditor: TrailAuditor, calls: number, together: number): Promise<void> {
  const client = async (first: number): Promise<void> => {
    for (let index = first; index < calls; index += together) await auditor.permit(entry(index));
  };
  await Promise.all(Array.from({ length: together }, (_, first) => client(first)));
}

async function spooled(trail: AuditLog, auditor: TrailAuditor, calls: number): Promise<void> {
  for (let index = 0; index < calls; index += 1) {
    void auditor.permit(entry(index));
    if (index % 1000 === 999) await trail.written();
  }
  await trail.written();
}

const [one, two] = [open('strict.log', PROMPT_CALLS), open('spooled.log', POOL_CALLS)];
const [waiting, passing] = [new TrailAuditor(one, true), new TrailAuditor(two, false)];
try {
  await strict(waiting, 2500, FEW);
  await spooled(two, passing, 2500);
  for (const name of ['strict.log', 'spooled.log'])
    assert.equal((await verifyFiles([join(folder, name)], { keys })).finding, undefined);

  await measureSlow(
    'audit trail, with the write',
    [
      { name: `permit(), strict, ${FEW} at a time`, work: (calls) => strict(waiting, calls, FEW) },
      { name: `permit(), strict, ${MANY} at a time`, work: (calls) => strict(waiting, calls, MANY) },
      { name: 'permit(), nobody waits', work: (calls) => spooled(two, passing, calls) },
    ],
    20_000,
  );
} finally {
  await one.close();
  await two.close();
  rmSync(folder, { recursive: true, force: true });
}
