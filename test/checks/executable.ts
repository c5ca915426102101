/** How the build of the executable fails where the bundled program does not serve: with what it said, and not never. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { keepCompiled } from '../../scripts/lib/executable.ts';
import { folderOf } from '../fixtures/owned.ts';

t.test('keepCompiled() kills a program that does not serve', async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'weir.js'), '(function () { setInterval(() => {}, 1000); })');
  await t.rejects(keepCompiled(folder, 500), {
    message: /^The bundled program does not serve and end within 0\.5 s:/,
  });
});

t.test('keepCompiled() tells what a program says that ends', async (t) => {
  const folder = folderOf(t);
  writeFileSync(join(folder, 'weir.js'), '(function () { process.stderr.write("no room\\n"); })');
  await t.rejects(keepCompiled(folder), {
    message: /^The bundled program does not serve:\n(?:.*\n)*no room/,
  });
});
