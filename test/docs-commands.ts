/**
 * Commands that the pages show can be typed: every `weir …` in a fenced block is one that the parser takes, with options that there
 * are, and every npm script is in package.json. Nothing is run. What commands print is held by the tests of each page.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import yargs from 'yargs';
import type { Command } from '#cli/command.ts';
import packageJson from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
const PAGES = globSync(['*.md', '{docs,k8s,vm}/**/*.md'], { cwd: ROOT }).sort();

async function commandsOf(): Promise<readonly Command<unknown>[]> {
  const files = globSync('src/cli/*.ts', { cwd: ROOT });
  const modules = await Promise.all(files.map((file) => import(join(ROOT, file))));
  return modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      name.endsWith('Command') ? [value as Command<unknown>] : [],
    ),
  );
}

const commands = await commandsOf();
const names = new Set(commands.map(({ command }) => command.split(' ')[0]));

/** Rejects where `weir` would say that the command line makes no sense. */
async function parse(words: readonly string[]): Promise<void> {
  const parser = yargs()
    .strict()
    .demandCommand(1)
    .version(false)
    .help(false)
    .option('help', { type: 'boolean' })
    .parserConfiguration({ 'boolean-negation': false })
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    });
  for (const { command, describe, builder } of commands) parser.command(command, describe, builder, () => {});
  await parser.parseAsync([...words]);
}

/** Lines of shell in the fenced blocks of a page, continued ones joined; of a console what is typed. */
function linesOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^ *```(sh|console)\n([\s\S]*?)^ *```$/gm)].flatMap(([, kind, block = '']) => {
    const lines = block.replaceAll('\\\n', ' ').split('\n');
    return kind === 'sh' ? lines : lines.flatMap((line) => /^\$ (.*)/.exec(line)?.[1] ?? []);
  });
}

/** Words of each simple command, as far as pages need it: quotes, comments, redirections, and what joins commands. */
function simpleCommands(line: string): string[][] {
  const found: string[][] = [[]];
  const tokens = line.matchAll(
    /\s+|#.*$|[0-9]?[<>]+ ?\S+|&&|\|\|?|;|\$?\(|\)|(?:'[^']*'|"[^"]*"|\\.|[^\s'"|;()&<>])+|./g,
  );
  for (const [token] of tokens) {
    if (/^(?:\s|#|[0-9]?[<>])/.test(token)) continue;
    if (/^(?:&&|\|\|?|;|\$?\(|\)|&)$/.test(token)) found.push([]);
    else found.at(-1)?.push(token.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return found.filter((words) => words.length > 0);
}

/** Behind the program's name: the last that there is, as in `sudo -u weir weir check`. */
function weirIn(words: readonly string[]): readonly string[] | undefined {
  const at = words.findLastIndex((word, index) => {
    const next = words[index + 1] ?? '';
    return /^(?:\S*\/)?weir$/.test(word) && (names.has(next) || /^--(?:help|version)$/.test(next));
  });
  if (at !== -1) return words.slice(at + 1);
  return /^(?:bin\/)?weir$/.test(words[0] ?? '') ? words.slice(1) : undefined;
}

function scriptIn(words: readonly string[]): string | undefined {
  if (words[0] !== 'npm') return undefined;
  if (words.includes('run')) return words[words.indexOf('run') + 1];
  return words.find((word) => word === 'test' || word === 'start');
}

t.test('the reader of shell sees what there is to type', async (t) => {
  t.same(simpleCommands('a "b c" > d && (x | y -z) # e'), [['a', 'b c'], ['x'], ['y', '-z']]);
  t.same(weirIn(['sudo', '-u', 'weir', 'weir', 'check', 'x']), ['check', 'x']);
  t.same(weirIn(['bin/weir', 'chekc']), ['chekc'], 'a slip is a command, too');
  t.equal(weirIn(['chown', 'root:weir', 'x']), undefined);
  t.equal(scriptIn(['npm', '--prefix', 'x', 'run', 'build']), 'build');
  await t.rejects(parse(['chekc', 'x']));
  await t.rejects(parse(['check', 'x', '--no-such']));
  await t.rejects(parse(['explain', 'a.b:443']), 'what is required is missing');
});

let seen = 0;
for (const page of PAGES) {
  t.test(`${page} shows commands that there are`, async (t) => {
    for (const words of linesOf(page).flatMap(simpleCommands)) {
      const script = scriptIn(words);
      if (script !== undefined) t.ok(script in packageJson.scripts, `npm run ${script}`);
      const own = weirIn(words);
      if (own === undefined) continue;
      seen += 1;
      // A lone - is a file to the program, and nothing to the parser.
      const read = own.map((word) => (word === '-' ? '<stdin>' : word));
      await t.resolves(parse(read), `weir ${own.join(' ')}`);
    }
  });
}

t.test('there were commands to read', async (t) => t.ok(seen > 50, `${seen}`));
