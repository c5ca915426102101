/**
 * Holds the reference pages to the code in both directions: what the code knows is documented, and what is documented the
 * code knows. Tables are parsed, cell by cell; a word somewhere on the page does not count.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { configJsonSchema, type JsonSchema } from '#config/json-schema.ts';
import { parseConfig } from '#config/load.ts';
import { complaints } from './fixtures/config.ts';
import { weir } from './fixtures/weir.ts';

t.setTimeout(120_000);

const ROOT = join(import.meta.dirname, '..');

/** A row of a table, its cells by the heading of their columns. */
type Row = Readonly<Record<string, string>>;

interface Section {
  readonly title: string;
  readonly tables: readonly (readonly Row[])[];
}

function page(name: string): string {
  return readFileSync(join(ROOT, 'docs', name), 'utf8');
}

/** Cells of a line of a table; undefined for any other line. A pipe inside code is escaped. */
function cellsOf(line: string): string[] | undefined {
  if (!line.startsWith('|')) return undefined;
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** What stands before the first section, and the sections of level two, each with its tables; code blocks are skipped. */
function sections(markdown: string): Section[] {
  return markdown
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
    .split(/^## /m)
    .map((text) => {
      const [title = '', ...lines] = text.split('\n');
      return { title, tables: tablesOf(lines) };
    });
}

function tablesOf(lines: readonly string[]): Row[][] {
  const tables: Row[][] = [];
  let headings: string[] | undefined;
  for (const line of lines) {
    const cells = cellsOf(line);
    if (cells === undefined) headings = undefined;
    else if (headings === undefined) {
      headings = cells;
      tables.push([]);
    } else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
      tables
        .at(-1)
        ?.push(Object.fromEntries(headings.map((heading, index) => [heading, cells[index] ?? ''])));
    }
  }
  return tables;
}

function allRows(markdown: string): Row[] {
  return sections(markdown).flatMap(({ tables }) => tables.flat());
}

/** Text of a cell that is nothing but code; undefined for any other. */
function code(cell: string | undefined): string | undefined {
  return /^`([^`]+)`$/.exec(cell ?? '')?.[1];
}

interface Key {
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** Every key of the schema by its path, in the spelling of the page. */
function* keysOf(schema: JsonSchema, path = ''): Generator<[path: string, key: Key]> {
  for (const [name, value] of Object.entries(schema.properties ?? {})) {
    const own = path === '' ? name : `${path}.${name}`;
    yield [own, { schema: value, isRequired: schema.required?.includes(name) ?? false }];
    yield* keysOf(value, own);
  }
  const { additionalProperties, items, anyOf = [] } = schema;
  if (typeof additionalProperties === 'object') yield* keysOf(additionalProperties, `${path}.NAME`);
  if (items !== undefined) yield* keysOf(items, `${path}[]`);
  for (const alternative of anyOf) yield* keysOf(alternative, path);
}

const keys = new Map(keysOf(configJsonSchema()));
const documented = allRows(page('configuration.md')).filter((row) => 'Key' in row);

t.test('docs/configuration.md has every key of the schema, once, and no other', async (t) => {
  t.ok(keys.size > 50, 'the schema was read');
  t.same(documented.map(({ Key }) => code(Key)).sort(), [...keys.keys()].sort());
});

for (const { Key, Type, Default, Meaning, Example } of documented) {
  const path = code(Key) ?? '';
  t.test(`docs/configuration.md tells the truth about ${path}`, async (t) => {
    const { schema, isRequired } = keys.get(path) ?? { schema: {}, isRequired: false };
    t.equal(Default === 'required', isRequired, 'required or not');
    if (typeof schema.default !== 'object' && schema.default !== undefined) {
      t.equal(code(Default), String(schema.default), 'the default');
    }
    t.same(parse(code(Example) ?? ''), schema.examples?.[0], 'the example');
    t.match(Meaning, /^\S.*[^.]$/, 'a meaning');
    t.match(Type, /\S/, 'a type');
    for (const word of schema.enum ?? []) t.ok(Type?.includes(`\`${word}\``), `the word ${word}`);
  });
}

t.test('docs/configuration.md has only configurations that load', async (t) => {
  const blocks = [...page('configuration.md').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
    ([, yaml]) => yaml ?? '',
  );
  t.ok(blocks.length > 0);
  for (const yaml of blocks) t.same(await complaints(parseConfig(yaml)), []);
});

/** Options as `--help` lists them, each with its short form if it has one. */
function optionsIn(help: string): string[] {
  const list = help.split('\nOptions:\n').at(1)?.split('\n\n').at(0) ?? '';
  return [...list.matchAll(/^ +((?:-\w, +)?--[\w-]+)/gm)].map(([, names = '']) =>
    names.replaceAll(/, +/g, ', '),
  );
}

const commands = sections(page('commands.md'));
const { stdout: help } = await weir('--help');
const ofEvery = commands.find(({ title }) => title === 'Options of every command');

function documentedOptions(section: Section | undefined): string[] {
  const rows = section?.tables.flat().filter((row) => 'Option' in row) ?? [];
  return rows.map(({ Option }) => String(Option).replaceAll('`', '')).sort();
}

t.test('docs/commands.md has every command, and no other', async (t) => {
  const known = [...help.matchAll(/^ {2}weir (\w+)/gm)].map(([, name = '']) => name);
  t.ok(known.length >= 4, 'the help was read');
  const rows = commands.flatMap(({ tables }) => tables.flat()).flatMap(({ Command }) => Command ?? []);
  t.same(rows.map((cell) => /^`weir (\w+)/.exec(cell)?.[1]).sort(), known.sort(), 'in its table');
  const titles = commands.flatMap(({ title }) => /^`weir (\w+)`$/.exec(title)?.[1] ?? []);
  t.same(titles.sort(), known, 'each in a section');
});

for (const section of commands.filter(({ title }) => title.startsWith('`weir '))) {
  t.test(`docs/commands.md has every option of ${section.title}, and no other`, async (t) => {
    const { stdout } = await weir(section.title.slice('`weir '.length, -1), '--help');
    const shared = optionsIn(help).sort();
    t.same(documentedOptions(ofEvery), shared);
    t.ok(shared.length > 0, 'the help was read');
    const own = optionsIn(stdout).filter((option) => !shared.includes(option));
    t.same(documentedOptions(section), own.sort());
  });
}

t.test('docs/commands.md has the exit codes of the help', async (t) => {
  const [, list = ''] = /Exit codes: ([^.]*)\./.exec(help.replaceAll(/\s+/g, ' ')) ?? [];
  const known = list.split(', ').map((item) => item.split(' ')[0]);
  const rows = commands.find(({ title }) => title === 'Exit codes')?.tables.flat() ?? [];
  t.same(
    rows.map(({ Code }) => Code),
    known,
  );
});
