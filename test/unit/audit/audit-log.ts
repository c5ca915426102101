import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { AuditLog, type AuditLogOptions } from '#audit/audit-log.ts';
import { bodyOf } from '#audit/canonical.ts';
import { BEGINNING } from '#audit/chain.ts';
import type { AuditCalls } from '#audit/synced-disk.ts';
import { findEnd } from '#audit/trail-end.ts';
import { verifyFiles } from '#audit/verify-files.ts';
import { auditKey } from '../../fixtures/audit.ts';
import { type FailingDisk, failingDisk } from '../../fixtures/failing-disk.ts';
import { eventually } from '../../fixtures/within.ts';

const { signer, keys } = auditKey();
/** A disk whose writes the test decides on. */
function auditDisk(): FailingDisk & AuditCalls {
  return Object.assign(failingDisk(), { sync: async () => {} });
}

const BODY = bodyOf({ event: 'decision', hop: 't2', verdict: 'allow' });

function start(t: Test, options: Partial<AuditLogOptions> = {}) {
  const path = options.path ?? join(t.testdir(), 'audit.log');
  const told: string[] = [];
  const dropped: number[] = [];
  const states: boolean[] = [];
  const log = {
    info: (_: object, message: string) => told.push(message),
    error: (_: object, message: string) => told.push(message),
  } as unknown as AuditLogOptions['log'];
  const audit = new AuditLog({
    path,
    hop: 't2',
    policy: 'p',
    end: { head: BEGINNING, tornBytes: 0 },
    signer,
    log,
    onDrop: (records) => dropped.push(records),
    onState: (isFailing) => states.push(isFailing),
    ...options,
  });
  return { audit, path, told, dropped, states };
}

const eventsIn = (text: string): string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).event);
const readEvents = (path: string): string[] => eventsIn(readFileSync(path, 'utf8'));

t.test('AuditLog writes a chain that holds, through an end and another start', async (t) => {
  let closed = 0;
  const onClosed = (): void => {
    closed += 1;
  };
  const { audit, path, told } = start(t, { onClosed });
  audit.append(BODY);
  await audit.written();
  await audit.written();
  t.same(readEvents(path), ['start', 'decision']);
  await audit.close();
  t.same(readEvents(path), ['start', 'decision', 'stop', 'checkpoint']);
  t.same(told, ['Audit checkpoint']);
  t.equal(closed, 1);
  const again = start(t, { path, end: { ...(await findEnd(path)), tornBytes: 7 } });
  await again.audit.close();
  t.same(readEvents(path).slice(4), ['gap', 'start', 'stop', 'checkpoint']);
  t.match(await verifyFiles([path], { keys }), {
    finding: undefined,
    records: 8,
    checkpoints: { proven: 2, after: 0 },
  });
});

t.test('AuditLog goes on in a new file after it was rotated away', async (t) => {
  const { audit, path } = start(t);
  audit.append(BODY);
  renameSync(path, `${path}.1`);
  await audit.reopen();
  t.same(readEvents(`${path}.1`), ['start', 'decision']);
  t.same(readEvents(path), ['rotation']);
  await audit.close();
  t.match(await verifyFiles([path, `${path}.1`], { keys }), { finding: undefined, records: 5 });
});

t.test(
  'AuditLog has a checkpoint at least every 1000 records, and every minute in which there were some',
  async (t) => {
    const { audit, path } = start(t, { checkpointEveryMs: 1, signer: undefined });
    await eventually(() => readEvents(path).includes('checkpoint'), 'a checkpoint');
    await audit.close();
    const many = start(t);
    for (let index = 0; index < 2500; index += 1) many.audit.append(BODY);
    await many.audit.close();
    t.match(await verifyFiles([many.path], { keys }), { finding: undefined, checkpoints: { proven: 3 } });
  },
);

t.test('AuditLog fails those who wait while there is no room, and recovers by itself', async (t) => {
  const system = auditDisk();
  const { audit, states, told } = start(t, { system });
  system.fates = [{ code: 'ENOSPC' }];
  audit.append(BODY);
  await t.rejects(audit.written(), /ENOSPC/);
  t.equal(audit.isFailing, true);
  await t.rejects(audit.written(), /could not be a moment ago/);
  audit.append(BODY);
  await eventually(() => !audit.isFailing, 'room');
  t.same(states, [true, false]);
  t.same(told, ['Cannot write the audit trail', 'Audit trail is written again']);
  audit.append(BODY);
  await audit.written();
  t.same(eventsIn([...system.written.values()].join('')), ['start', 'decision', 'decision', 'decision']);
  await audit.close();
});

t.test('AuditLog fails those who wait for a disk that hangs', async (t) => {
  const system = auditDisk();
  system.hold = true;
  const { audit } = start(t, { system, patienceMs: 5 });
  audit.append(BODY);
  const waiting = audit.written();
  await t.rejects(waiting, /takes too long/);
  t.equal(audit.isFailing, true);
  system.hold = false;
  system.release();
  await eventually(() => !audit.isFailing, 'room');
  await audit.close();
});

t.test('AuditLog counts what it has no room for, and says so in a gap as soon as it has', async (t) => {
  const system = auditDisk();
  system.hold = true;
  const { audit, dropped } = start(t, { system, maxQueuedChars: 900 });
  const taken = Array.from({ length: 9 }, () => audit.append(BODY));
  const lost = dropped.length;
  t.ok(lost > 3 && lost < 9);
  t.equal(taken.filter((isTaken) => !isTaken).length, lost);
  audit.lose(2);
  system.hold = false;
  const waiting = audit.written();
  system.release();
  await waiting;
  audit.append(BODY);
  await audit.written();
  const lines = [...system.written.values()]
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(
    lines.find(({ event }) => event === 'gap'),
    { lost: lost + 2, why: 'no room' },
  );
  t.same(
    lines.map(({ seq }) => seq),
    lines.map((_, index) => index + 1),
  );
  t.same(dropped.slice(lost), [2]);
  await audit.close();
});

t.test('AuditLog shares writes under load, and writes at once where there is none', async (t) => {
  const system = auditDisk();
  const { audit } = start(t, { system });
  for (let index = 0; index < 50; index += 1) {
    audit.append(BODY);
    const waiting = audit.written();
    if (index === 49) await waiting;
  }
  t.equal(system.writes.length, 1);
  audit.append(BODY);
  await audit.written();
  t.equal(system.writes.length, 2);
  await audit.close();
});

t.test('AuditLog writes on the main thread as soon as enough have come, where that is prompt', async (t) => {
  const system = auditDisk();
  const now: number[] = [];
  const writeNow = (_fd: number, bytes: Buffer): number => {
    now.push(eventsIn(bytes.toString()).length);
    return bytes.length;
  };
  const { audit } = start(t, { system: { ...system, writeNow } });
  const come = (count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, () => {
        audit.append(BODY);
        return audit.written();
      }),
    );
  await come(1);
  for (const count of [50, 8, 20]) await Promise.race([come(count), turn()]);
  t.same(now, [2, 50, 8, 20], 'with that it begins, and in the turn in which they came');
  await come(3);
  t.same(now.slice(4), [3]);
  t.same(system.writes, [], 'none by the thread pool');
  await audit.close();
});

t.test(
  'AuditLog drops what cannot be written at the end, counted, and says which file it cannot open',
  async (t) => {
    const system = auditDisk();
    system.fates = Array.from({ length: 9 }, () => ({ code: 'EIO' }));
    const { audit, dropped } = start(t, { system });
    await audit.close();
    t.same(dropped, [3], 'start, stop and checkpoint');
    const folder = t.testdir({ 'a.log': {} });
    t.throws(() => start(t, { path: join(folder, 'a.log') }), /^Cannot open audit trail ".*a\.log": EISDIR/);
  },
);

t.test('AuditLog writes what it has at an end without warning', async (t) => {
  const { audit, path } = start(t);
  audit.append(BODY);
  audit.flushSync();
  t.same(readEvents(path), ['start', 'decision']);
  await audit.close();
  await turn();
});

t.test('AuditLog ends also where there is no room for its last checkpoint', async (t) => {
  const system = auditDisk();
  system.hold = true;
  let isClosed = false;
  const onClosed = (): void => {
    isClosed = true;
  };
  const { audit, dropped } = start(t, { system, maxQueuedChars: 600, closeTimeoutMs: 1, onClosed });
  await audit.close();
  t.equal(isClosed, false, 'a write that hangs may yet be done');
  t.same(dropped, [2], 'start and stop, of which nobody knows whether they are written');
  system.release();
});

t.test('AuditLog says that what it wrote may not be on the disk', async (t) => {
  const sync = (): Promise<void> => Promise.reject(new Error('EIO'));
  const { audit, path, told } = start(t, { system: { ...auditDisk(), sync } });
  await audit.reopen();
  await audit.close();
  t.ok(told.includes('Cannot have the audit trail put on the disk'), path);
});
