/**
 * `npm run build:deb`: a Debian package of what `npm run build` has made, by dpkg-deb alone. The same dist/weir and the same commit give
 * the same bytes: owner, modes, times and order are set here, whoever builds it and when.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import packageJson from '../package.json' with { type: 'json' };
import { parseNothing, runCommand } from './lib/command.ts';
import { enabledServices, type Shipped, shippedFiles, unitNames } from './lib/debian-tree.ts';
import { copyrightOf } from './lib/licences.ts';
import { manPage } from './lib/man-page.ts';

const HELP = `npm run build:deb

Writes to dist/, of what "npm run build" has left there:
  weir_VERSION_ARCHITECTURE.deb          the program, its units, configuration and man page
  weir_VERSION_ARCHITECTURE.deb.sha256   its checksum, for sha256sum -c

Needs dpkg-deb. Its times are $SOURCE_DATE_EPOCH, else that of the commit. Takes no options but --help.`;

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const DEBIAN = join(ROOT, 'vm/debian');
/** How often this version was packaged. */
const VERSION = `${packageJson.version}-1`;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const SCRIPTS = ['postinst', 'postrm', 'prerm'];

async function buildDeb(): Promise<boolean> {
  if (!existsSync(join(DIST, 'weir'))) throw new Error('Cannot find dist/weir: run "npm run build" first');
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`Cannot package for ${process.arch}`);
  const epoch = sourceDate();
  const folder = mkdtempSync(join(tmpdir(), 'weir-deb-'));
  const name = `weir_${VERSION}_${architecture}.deb`;
  try {
    const files = shippedFiles(madeTexts(epoch));
    for (const file of files) place(folder, file);
    writeControl(folder, { files, architecture });
    pack(folder, join(DIST, name), epoch);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const digest = digestOf('sha256', join(DIST, name));
  writeFileSync(join(DIST, `${name}.sha256`), `${digest}  ${name}\n`);
  console.log(`dist/${name}  ${Math.ceil(statSync(join(DIST, name)).size / 1000)} kB`);
  return true;
}

/** Seconds. @throws {Error} where neither the variable nor git says */
function sourceDate(): number {
  const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? output('git', ['log', '-1', '--format=%ct']));
  if (Number.isSafeInteger(seconds) && seconds > 0) return seconds;
  throw new Error('Cannot tell the time of the package: SOURCE_DATE_EPOCH is no number of seconds');
}

function madeTexts(epoch: number) {
  const date = new Date(epoch * 1000);
  const helpOf = (command?: string): string =>
    output(join(DIST, 'weir'), [...(command === undefined ? [] : [command]), '--help']);
  return {
    manPage: manPage({ helpOf, version: packageJson.version, date: date.toISOString().slice(0, 10) }),
    changelog: changelogAt(date),
    copyright: copyrightOf(join(DIST, 'sbom.cdx.json'), join(ROOT, 'node_modules')),
  };
}

function changelogAt(date: Date): string {
  const maintainer = /^Maintainer: (.*)$/m.exec(readFileSync(join(DEBIAN, 'control'), 'utf8'))?.[1];
  const time = date.toUTCString().replace('GMT', '+0000');
  return `weir (${VERSION}) stable; urgency=medium

  * Weir ${packageJson.version}. What changed: changelog.gz beside this file.

 -- ${maintainer}  ${time}
`;
}

function place(folder: string, { path, content, isProgram = false }: Shipped): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  if (typeof content === 'object' && 'from' in content) copyFileSync(content.from, file);
  else writeFileSync(file, content);
  chmodSync(file, isProgram ? 0o755 : 0o644);
}

interface Contents {
  readonly files: readonly Shipped[];
  readonly architecture: string;
}

/** DEBIAN/: what the package is, its scripts, and sums of its files. */
function writeControl(folder: string, { files, architecture }: Contents): void {
  const bytes = files.reduce((sum, { path }) => sum + statSync(join(folder, path)).size, 0);
  const values = {
    VERSION,
    ARCHITECTURE: architecture,
    KILOBYTES: `${Math.ceil(bytes / 1024)}`,
    UNITS: unitNames().join(' '),
    SERVICES: enabledServices().join(' '),
  };
  const put = (name: string, content: string, isProgram = false): void =>
    place(folder, { path: `DEBIAN/${name}`, content, isProgram });
  for (const name of ['control', ...SCRIPTS]) {
    const text = readFileSync(join(DEBIAN, name), 'utf8');
    put(name, filled(text, values), SCRIPTS.includes(name));
  }
  const [configuration, others] = [true, false].map((is) =>
    files.map(({ path }) => path).filter((path) => path.startsWith('etc/') === is),
  );
  put('conffiles', (configuration ?? []).map((path) => `/${path}\n`).join(''));
  put('md5sums', (others ?? []).map((path) => `${digestOf('md5', join(folder, path))}  ${path}\n`).join(''));
}

const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/@([A-Z]+)@/g, (whole, name: string) => values[name] ?? whole);

/** @throws {Error} with what dpkg-deb said, where it fails */
function pack(folder: string, deb: string, epoch: number): void {
  chmodSync(folder, 0o755);
  output('find', [folder, '-type', 'd', '-exec', 'chmod', '755', '{}', '+']);
  output('find', [folder, '-exec', 'touch', '--no-dereference', `--date=@${epoch}`, '{}', '+']);
  // gzip takes seconds where xz takes a minute of the processor, for a quarter more.
  output('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z6', '--build', folder, deb], {
    SOURCE_DATE_EPOCH: `${epoch}`,
  });
}

/** @throws {Error} with what it said, where it fails */
function output(
  program: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): string {
  const env = { ...process.env, ...more };
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`Cannot run ${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

function digestOf(algorithm: 'md5' | 'sha256', file: string): string {
  return createHash(algorithm).update(readFileSync(file)).digest('hex');
}

await runCommand({ help: HELP, parse: parseNothing, run: buildDeb });
