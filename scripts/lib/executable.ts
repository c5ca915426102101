/**
 * One file out of Node and the program: what V8 compiles in a start is kept by starting it once, and Node's own --build-sea puts all of
 * it into a copy of itself. Decides where it begins (src/executable.ts) and with which options of Node, which are those of bin/weir.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../..');
const KEEP_COMPILED = join(ROOT, 'scripts/lib/keep-compiled.ts');

/** What lies in the folder of a build, and under the same names in the executable. */
const [ENTRY, PROGRAM, KEPT] = ['entry.js', 'weir.js', 'weir.js.cache'];

/** All that a start loads: a listener, a peer, a route to it, and a policy. */
const SAMPLE = `{ name: build, listeners: [{ name: main, address: "127.0.0.1:0" }], admin: { address: "127.0.0.1:0" },
  acls: { site: { dstDomains: [example.com] } }, access: [{ name: site, allow: [site] }, { name: rest, deny: [all] }],
  peers: { next: { address: "192.0.2.1:3128" } }, routes: [{ name: next, peers: [next] }] }`;

/** What bin/weir gives to Node. @throws {Error} where it is not written as it was */
export function nodeOptions(): readonly string[] {
  const launcher = readFileSync(join(ROOT, 'bin/weir'), 'utf8');
  const options = /^exec "\$node" (.*) "\$root\/src\/main\.ts"/m.exec(launcher)?.[1]?.split(' ');
  if (options === undefined) throw new Error('Cannot tell the options of Node: bin/weir has no such line');
  return options;
}

/** A start takes a second, and on a machine with much else to do many. */
const MAX_START_MS = 120_000;

/**
 * Serves once with `weir.js` in `folder`, and keeps what V8 compiled of it.
 * @throws {Error} with what it said, where it does not serve and end within `maxMs`
 */
export async function keepCompiled(folder: string, maxMs = MAX_START_MS): Promise<void> {
  const sample = join(folder, 'sample.yaml');
  writeFileSync(sample, SAMPLE);
  const args = [
    ...nodeOptions(),
    KEEP_COMPILED,
    join(folder, PROGRAM),
    join(folder, KEPT),
    'run',
    '-c',
    sample,
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: maxMs,
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'close');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    // A second signal ends it at once, which is as good.
    if (line.includes('"Serving"')) child.kill('SIGTERM');
    if (line.includes('"Draining"')) child.kill('SIGTERM');
  }
  const [, signal] = await ended;
  const told = said.join('\n');
  if (signal === 'SIGKILL')
    throw new Error(`The bundled program does not serve and end within ${maxMs / 1000} s:\n${told}`);
  if (!said.some((line) => line.includes('"Serving"')))
    throw new Error(`The bundled program does not serve:\n${told}`);
}

/** Writes the executable, of what is in `folder`, to `output`. @throws {Error} with what Node said, where it cannot */
export function assemble(folder: string, output: string): void {
  const settings = {
    // As it is written here it becomes part of the executable.
    main: ENTRY,
    output,
    disableExperimentalSEAWarning: true,
    execArgv: nodeOptions(),
    assets: { [PROGRAM]: PROGRAM, [KEPT]: KEPT },
  };
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(settings));
  const { status, stderr } = spawnSync(process.execPath, ['--build-sea', 'sea.json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Node cannot build the executable: ${stderr}`);
}
