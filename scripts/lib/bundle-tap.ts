/** tap, with its test class and all of its packages, as one module. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');

/** Where it is written to: as a package of tap's, by which tap knows which lines of a stack are not the test's. */
export const TAP_IN_ONE = join(ROOT, '.tap/built/node_modules/@tapjs/tap.mjs');

/** What tap has the children of `t.spawn()` load, from where it believes to be. */
const OF_CHILDREN = join(TAP_IN_ONE, '../../esm/import.mjs');

/** Some of its packages are CommonJS. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);`;

export async function bundleTap(): Promise<void> {
  // Tests load this file as well, and have no use for esbuild.
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: join(ROOT, 'test'),
    stdin: {
      contents: `export * from 'tap'; export { default } from 'tap';`,
      resolveDir: join(ROOT, 'test'),
    },
    bundle: true,
    outfile: TAP_IN_ONE,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    keepNames: true,
    banner: { js: REQUIRE },
    legalComments: 'none',
    logLevel: 'warning',
  });
  mkdirSync(dirname(OF_CHILDREN), { recursive: true });
  const preload = pathToFileURL(join(ROOT, 'scripts/lib/tap-in-one.ts'));
  writeFileSync(OF_CHILDREN, `import ${JSON.stringify(preload)};\n`);
}
