/** `bin/weir` where the right Node is not there: it says so and ends as with a configuration that is none. */
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../fixtures/run.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/weir');
/** What the launcher itself calls. */
const TOOLS = ['dirname', 'readlink', 'cut', 'sed'];

const OLD = '#!/bin/sh\necho 20\n';

for (const [what, node] of Object.entries({ 'no Node': undefined, 'an old one': OLD })) {
  t.test(`bin/weir ends with 78 where there is ${what}`, async (t) => {
    const folder = t.testdir(node === undefined ? {} : { node });
    const tools = join(folder, 'tools');
    mkdirSync(join(folder, 'bin'));
    mkdirSync(tools);
    copyFileSync(LAUNCHER, join(folder, 'bin/weir'));
    for (const tool of TOOLS) symlinkSync(`/usr/bin/${tool}`, join(tools, tool));
    if (node !== undefined) {
      await run('/bin/chmod', ['755', join(folder, 'node')]);
      symlinkSync(join(folder, 'node'), join(tools, 'node'));
    }
    const { status, stdout, stderr } = await run(join(folder, 'bin/weir'), ['check', 'a.yaml'], {
      env: { PATH: tools },
    });
    t.equal(status, 78);
    t.equal(stdout, '');
    const found = node === undefined ? 'none' : `${join(tools, 'node')} (major 20)`;
    t.match(stderr, `Cannot start Weir: it needs Node 26 or newer, found ${found}\n`);
    t.match(stderr, 'Run "npm ci" in ');
  });
}
