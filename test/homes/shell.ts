/** Every shell script of the project, found by its first line, has nothing that shellcheck would say. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../fixtures/run.ts';
import { needTool } from '../fixtures/tools.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['.ci', 'bin', 'deploy', 'k8s', 'vm', 'scripts', 'bench', 'test', 'examples'];

/** Whether it begins as a shell script does, or as one that others source. */
function isShell(file: string): boolean {
  return /^(?:#!\S*(?:\/env +)?(?:\/|\b)(?:ba|da)?sh\b|# shellcheck shell=)/.test(
    readFileSync(file, 'latin1'),
  );
}

function scripts(): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  ).filter(isShell);
}

t.test('shellcheck has nothing to say', async (t) => {
  const shellcheck = await needTool(t, 'shellcheck');
  if (shellcheck === undefined) return;
  const found = scripts();
  for (const known of ['.ci/run', 'bin/weir', 'deploy/deploy', 'k8s/dns/cloud-dns/apply.sh', 'vm/lib.sh']) {
    t.ok(found.includes(join(ROOT, known)), `${known} is one of them`);
  }
  const { status, stdout } = await run(shellcheck, ['--format=gcc', '--external-sources', ...found]);
  t.equal(stdout, '');
  t.equal(status, 0);
});
