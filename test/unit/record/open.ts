import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import process from 'node:process';
import t from 'tap';
import { openRecords } from '#record/open.ts';
import { renderJson } from '#record/render-json.ts';
import { renderSquid } from '#record/render-squid.ts';
import { fullRecord } from '../../fixtures/records.ts';

t.test('openRecords() has each record written and counted, through rotation and to the end', async (t) => {
  const accessPath = `${t.testdir()}/access.log`;
  const records = openRecords({ name: 't1', level: 'silent', accessPath });
  const before = fullRecord({ transactionId: 'a' });
  const after = fullRecord({ transactionId: 'b' });
  records.recorder.record(before);
  renameSync(accessPath, `${accessPath}.1`);
  await records.reopen();
  records.recorder.record(after);
  await records.close();
  const lines = [`${accessPath}.1`, accessPath].map((path) => readFileSync(path, 'utf8')).join('');
  t.equal(lines, `${renderJson(before)}\n${renderJson(after)}\n`);
  t.match(await records.metrics.render(), /^weir_requests_total\{.*\} 2$/m);
  records.recorder.record(after);
  t.match(await records.metrics.render(), 'weir_log_dropped_total{log="access"} 1\n');
});

t.test('openRecords() has the lines that its format has', async (t) => {
  const accessPath = `${t.testdir()}/access.log`;
  const records = openRecords({ name: 't1', level: 'silent', accessPath, accessFormat: 'squid' });
  const event = 'open' as const;
  records.recorder.record(fullRecord({ event }));
  records.recorder.record(fullRecord());
  await records.close();
  t.equal(readFileSync(accessPath, 'utf8'), `${renderSquid(fullRecord())}\n`, 'and no empty one');
});

t.test('openRecords() throws where the access log cannot be opened', async (t) => {
  const accessPath = t.testdir();
  t.throws(() => openRecords({ name: 't1', level: 'silent', accessPath }), {
    message: /^Cannot open access log /,
  });
});

t.test('openRecords() has records written that wait when the process ends without warning', async (t) => {
  const accessPath = `${t.testdir()}/access.log`;
  const program = `
    import { openRecords } from '#record/open.ts';
    const { recorder } = openRecords({ name: 't1', level: 'silent', accessPath: ${JSON.stringify(accessPath)} });
    recorder.record(${JSON.stringify(fullRecord())});
    throw new Error('Programmer error');`;
  const args = ['--input-type=module-typescript', '-e', program];
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  t.equal(status, 1);
  t.equal(readFileSync(accessPath, 'utf8'), `${renderJson(fullRecord())}\n`);
});
