/**
 * The program and all its packages as one text of JavaScript, by esbuild. Names stay as they are, so that a stack trace says which
 * function it was; the map beside it says which line of the sources.
 */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { latePackages } from './late-packages.ts';

const ROOT = join(import.meta.dirname, '../..');

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node26',
  format: 'cjs',
  // Packages that come in two forms are taken in the one that Node takes.
  mainFields: ['main'],
  // `import()` of what is in the bundle or in Node.
  supported: { 'dynamic-import': false },
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Where packages look for files of theirs: there are none, and nobody can put any there. (yargs then says in English what it says in
 * English anyway.)
 */
const NOWHERE = 'file:///proc/self/none/node_modules/weir/lib/weir/weir.js';

/** Writes the program, which src/whole-program.ts compiles and runs, to `weir.js` in `folder`, and its map beside it. */
export async function bundleProgram(folder: string, commit: string): Promise<void> {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: ['src/main.ts'],
    // Not where it is written to: the map tells the way from here to the sources.
    outfile: 'dist/weir.js',
    plugins: [latePackages],
    define: { WEIR_COMMIT: JSON.stringify(commit), 'import.meta.url': JSON.stringify(NOWHERE) },
    // What has a file to name is for sources only: src/supervisor/worker-process.ts.
    logOverride: { 'empty-import-meta': 'silent' },
    banner: { js: '(function (require) {' },
    footer: { js: '})' },
    sourcemap: 'external',
    sourcesContent: false,
  });
  for (const { path, contents } of outputFiles) writeFileSync(join(folder, basename(path)), contents);
}

/** Writes what the executable begins with to `entry.js` in `folder`. */
export async function bundleEntry(folder: string): Promise<void> {
  await build({
    ...COMMON,
    write: true,
    entryPoints: ['src/executable.ts'],
    outfile: join(folder, 'entry.js'),
  });
}
