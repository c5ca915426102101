import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { prepareAudit } from '#audit/open-audit.ts';
import { verifyFiles } from '#audit/verify-files.ts';
import { auditKey } from '../../fixtures/audit.ts';

const { privateKey, keys } = auditKey();
const log = { info: () => {}, error: () => {} } as unknown as Parameters<
  Awaited<ReturnType<typeof prepareAudit>>
>[0]['log'];
const setup = { hop: 't2', policy: 'p', log, onDrop: () => {} };

t.test('prepareAudit() goes on where the trail ended, with the key of the file', async (t) => {
  const folder = t.testdir({ key: privateKey });
  const path = join(folder, 'audit.log');
  const exits = process.listenerCount('exit');
  for (let start = 1; start <= 2; start += 1) {
    const begin = await prepareAudit({ path, strict: start === 1, keyFile: join(folder, 'key') });
    await begin(setup).close();
  }
  t.equal(process.listenerCount('exit'), exits, 'nothing is left for the end');
  t.match(await verifyFiles([path], { keys }), {
    finding: undefined,
    records: 6,
    checkpoints: { proven: 2 },
  });
});

t.test('prepareAudit() refuses what it cannot go on from or sign with', async (t) => {
  const folder = t.testdir({ key: 'junk' });
  const path = join(folder, 'audit.log');
  await t.rejects(prepareAudit({ path, strict: false, keyFile: join(folder, 'key') }));
  await t.rejects(prepareAudit({ path, strict: false, keyFile: join(folder, 'none') }), { code: 'ENOENT' });
  writeFileSync(path, 'junk\n');
  await t.rejects(prepareAudit({ path, strict: false, keyFile: undefined }), /move the file away/);
  writeFileSync(path, '');
  const begin = await prepareAudit({ path, strict: false, keyFile: undefined });
  await t.rejects(prepareAudit({ path, strict: false, keyFile: undefined }), /another Weir is writing it/);
  await begin(setup).close();
});
