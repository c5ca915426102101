/** `npm run bench:micro`: every micro-benchmark, one after another, each in a process of its own; or those that are named. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { runCommand } from '../scripts/lib/command.ts';

const FOLDER = join(import.meta.dirname, 'micro');

/** Those in folders that mirror src/; what they share lies beside the folders. */
const MODULES = globSync('*/*.ts', { cwd: FOLDER })
  .map((file) => file.replace(/\.ts$/, ''))
  .sort();

/** The only one with an option of its own. */
const DECIDE = 'acl/decide';

const HELP = `npm run bench:micro -- [options] [MODULE ...]

Times single functions: each module first proves its answers right, then prints ns for each call. Without MODULE all of them,
in about a minute. Modules: ${MODULES.join(' ')}

  --json            one line of JSON for each module
  --once            each case a thousand times at most: whether it still runs, not how fast
  --domains N       for ${DECIDE} alone: domains in the policy (100000)
  --help            this text

Exit status 1 where an answer is wrong.`;

interface Options {
  readonly modules: readonly string[];
  /** What they are told. */
  readonly args: readonly string[];
}

function parse(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      once: { type: 'boolean', default: false },
      domains: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const unknown = positionals.find((module) => !MODULES.includes(module));
  if (unknown !== undefined) throw new Error(`Cannot time "${unknown}": there are ${MODULES.join(' ')}`);
  const { json, once, domains } = values;
  const flags = [...(json ? ['--json'] : []), ...(once ? ['--once'] : [])];
  if (domains === undefined)
    return { modules: positionals.length === 0 ? MODULES : positionals, args: flags };
  if (positionals.join() !== DECIDE) throw new Error(`Cannot take --domains: only ${DECIDE}, alone, has it`);
  if (!/^[1-9]\d*$/.test(domains)) throw new Error(`Cannot take "${domains}" domains`);
  return { modules: [DECIDE], args: [`--domains=${domains}`, ...flags] };
}

async function run({ modules, args }: Options): Promise<boolean> {
  const statuses = modules.map(
    (name) => spawnSync(process.execPath, [join(FOLDER, `${name}.ts`), ...args], { stdio: 'inherit' }).status,
  );
  return statuses.every((status) => status === 0);
}

await runCommand({ help: HELP, parse, run });
