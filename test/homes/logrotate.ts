/** The rotation of the virtual machine's access records: logrotate takes the file, and moves one away without making the next. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { shippedFiles, unitNames } from '../../scripts/lib/debian-tree.ts';
import { needTool } from '../fixtures/tools.ts';

const RULES = readFileSync(join(import.meta.dirname, '../../vm/logrotate'), 'utf8');

t.test('logrotate renames what is written, and then tells Weir', async (t) => {
  const logrotate = await needTool(t, 'logrotate');
  if (logrotate === undefined) return;
  const folder = t.testdir({
    log: { 'access.jsonl': '{"event":"end"}\n', 'audit.log': '{"event":"start"}\n', 'other.txt': 'stays' },
  });
  const logs = join(folder, 'log');
  chmodSync(logs, 0o750);
  const rules = join(folder, 'rules');
  // In place of the signal a mark that says when it came.
  writeFileSync(
    rules,
    RULES.replaceAll('/var/log/weir', logs).replace(/systemctl kill .*/g, `ls ${logs} > ${folder}/told`),
  );
  chmodSync(rules, 0o644);
  const { status, stderr } = spawnSync(logrotate, ['--force', '--state', join(folder, 'state'), rules], {
    encoding: 'utf8',
  });
  t.equal(status, 0, stderr);
  const after = readdirSync(logs);
  t.match(
    after,
    [/^access\.jsonl-\d{8}-\d+$/, /^audit\.log-\d{8}-\d+$/, 'other.txt'],
    'renamed, not compressed yet, none made',
  );
  t.same(readFileSync(join(folder, 'told'), 'utf8').trim().split('\n'), after, 'told when it was renamed');
});

t.test('what grows large is rotated within an hour, though it was today already', async (t) => {
  const logrotate = await needTool(t, 'logrotate');
  if (logrotate === undefined) return;
  const folder = t.testdir({ log: { 'access.log': '', 'audit.log': '{"event":"start"}\n' } });
  const logs = join(folder, 'log');
  chmodSync(logs, 0o750);
  // Without anything in it: no disk has to hold it.
  truncateSync(join(logs, 'access.log'), 2 ** 30 + 1);
  const [rules, state] = [join(folder, 'rules'), join(folder, 'state')];
  writeFileSync(rules, RULES.replaceAll('/var/log/weir', logs).replace(/systemctl kill .*/g, 'true'));
  chmodSync(rules, 0o644);
  const now = new Date();
  const today = `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}-0:0:0`;
  const known = ['access.log', 'audit.log'].map((name) => `"${join(logs, name)}" ${today}\n`);
  writeFileSync(state, `logrotate state -- version 2\n${known.join('')}`);
  const { status, stderr } = spawnSync(logrotate, ['--state', state, rules], { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  t.match(readdirSync(logs), [/^access\.log-\d{8}-\d+$/, 'audit.log']);
  const timer = shippedFiles({ manPage: '', changelog: '', copyright: '' }).find(
    ({ path }) => path === 'lib/systemd/system/logrotate.timer.d/weir.conf',
  );
  t.match(timer?.content, /^\[Timer\]\nOnCalendar=hourly$/m, 'which is when it is asked');
  t.notOk(unitNames().includes('weir.conf'), 'and no unit to be stopped');
});

t.test('of access records 240 files stay, and none of them for more than 30 days', async (t) => {
  const logrotate = await needTool(t, 'logrotate');
  if (logrotate === undefined) return;
  const folder = t.testdir({ log: { 'access.log': '{"event":"end"}\n' } });
  const logs = join(folder, 'log');
  chmodSync(logs, 0o750);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const rotated = (daysAgo: number, number = 0): void => {
    const at = nowSeconds - daysAgo * 86_400 - number;
    const day = new Date(at * 1000).toISOString().slice(0, 10).replaceAll('-', '');
    const file = join(logs, `access.log-${day}-${at}.gz`);
    writeFileSync(file, '');
    utimesSync(file, at, at);
  };
  const kept = (): number => readdirSync(logs).filter((name) => name.startsWith('access.log-')).length;
  const rules = join(folder, 'rules');
  writeFileSync(rules, RULES.replaceAll('/var/log/weir', logs).replace(/systemctl kill .*/g, 'true'));
  chmodSync(rules, 0o644);
  const rotate = (): void => {
    writeFileSync(join(logs, 'access.log'), '{"event":"end"}\n');
    const args = ['--force', '--state', join(folder, 'state'), rules];
    const { status, stderr } = spawnSync(logrotate, args, { encoding: 'utf8' });
    t.equal(status, 0, stderr);
  };
  for (const days of [29, 31, 32]) rotated(days);
  rotate();
  t.equal(kept(), 2, 'the one of now, and that of 29 days');
  // Two of one second would have one name.
  for (const name of readdirSync(logs)) rmSync(join(logs, name));
  for (let number = 1; number <= 300; number += 1) rotated(1, number);
  rotate();
  t.equal(kept(), 240);
});

t.test('the audit trail goes by its age alone, so that no flood pushes evidence out', async (t) => {
  const ofAudit = RULES.slice(RULES.indexOf('/var/log/weir/audit'));
  const [, keptFiles] = /\brotate (\d+)/.exec(ofAudit) ?? [];
  t.match(ofAudit, /\bmaxage 400\b/);
  t.ok(Number(keptFiles) >= 100_000, 'as many as a disk can hold');
});

t.test('who is told is the main process alone, by the signal that opens logs anew', async (t) => {
  t.match(RULES, /systemctl kill --kill-who=main --signal=USR2 weir\.service/);
});
