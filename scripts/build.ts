/**
 * `npm run build`: dist/weir, one executable with Node and all packages in it, and beside it what it is made of (CycloneDX), the map of
 * its lines, and the checksums of all of them. The commit is WEIR_COMMIT, else git's.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { bundleEntry, bundleProgram } from './lib/bundle.ts';
import { parseNothing, runCommand } from './lib/command.ts';
import { assemble, keepCompiled } from './lib/executable.ts';

const HELP = `npm run build

Writes to dist/:
  weir            one executable, with Node and all packages in it
  weir.js.map     which line of the sources a line in a stack trace is
  sbom.cdx.json   what it is made of, CycloneDX
  SHA256SUMS      checksums of these, for sha256sum -c

The commit that "weir --version" names is $WEIR_COMMIT, else that of git. Takes no options but --help.`;

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const COMMIT_DIGITS = 12;
/** What of it has a checksum, in order. */
const FILES = ['weir', 'weir.js.map', 'sbom.cdx.json'];

async function build(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-build-'));
  try {
    await bundleEntry(folder);
    await bundleProgram(folder, commitHere());
    await keepCompiled(folder);
    rmSync(DIST, { recursive: true, force: true });
    mkdirSync(DIST);
    assemble(folder, inDist('weir'));
    copyFileSync(join(folder, 'weir.js.map'), inDist('weir.js.map'));
  } finally {
    rmSync(folder, { recursive: true });
  }
  writeFileSync(inDist('sbom.cdx.json'), output(process.execPath, ['scripts/sbom.ts', '--with-node']));
  writeFileSync(inDist('SHA256SUMS'), FILES.map((name) => `${digestOf(inDist(name))}  ${name}\n`).join(''));
  for (const name of FILES) console.log(`dist/${name}  ${Math.ceil(statSync(inDist(name)).size / 1000)} kB`);
  return true;
}

const inDist = (name: string): string => join(DIST, name);

/** @throws {Error} with the fix, where there is none */
function commitHere(): string {
  const given = process.env.WEIR_COMMIT?.slice(0, COMMIT_DIGITS);
  if (given !== undefined) return given;
  const args = ['describe', '--always', `--abbrev=${COMMIT_DIGITS}`, '--dirty', '--exclude=*'];
  try {
    return output('git', args).trim();
  } catch (cause) {
    throw new Error(`${(cause as Error).message.trimEnd()}\nSet WEIR_COMMIT to the commit that this is`, {
      cause,
    });
  }
}

/** @throws {Error} with what it said, where it fails */
function output(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`Cannot run ${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

await runCommand({ help: HELP, parse: parseNothing, run: build });
