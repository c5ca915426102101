/**
 * One YAML text with the place of every node. Finds what is wrong with the text as YAML: syntax, duplicate keys, tags
 * (an unquoted `!name` is one), aliases that lead nowhere or multiply. What the values mean is for the schema.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { type Flaw, formatPath, type Problem, showValue } from './problems.ts';

/** Enough for shared lists, too few for a text of a kilobyte to grow into gigabytes. */
const MAX_ALIASES = 100;

/** One slip of indentation can make hundreds of syntax errors; the first few say it. */
const MAX_SYNTAX_PROBLEMS = 10;

/** A parsed text. `value` is undefined where the text is too broken to go on with. */
export interface ParsedText {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Gives a flaw its line, column and value as written. */
  place(flaw: Flaw): Problem;
}

interface Source {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly document: Document.Parsed;
}

/** A step of the way to a value: what was found, under which key, and whether the whole path exists. */
interface Found {
  readonly key: unknown;
  readonly node: unknown;
  readonly isWhole: boolean;
}

/** Parses YAML 1.2. `file` is only for messages. Never throws. */
export function parseText(text: string, file: string): ParsedText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    // 'silent' would also hide that there is a second document.
    logLevel: 'error',
  });
  const source: Source = { file, text, lines, document };
  const place = (flaw: Flaw): Problem => placeFlaw(source, flaw);
  const syntax = syntaxProblems(source);
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) {
    return { value: undefined, problems: syntax, place };
  }
  const problems = [...syntax, ...tagProblems(source), ...nodeProblems(source)];
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), problems, place };
  } catch {
    const message = `Aliases without an anchor, or standing for more than ${MAX_ALIASES} values`;
    return {
      value: undefined,
      problems: [...problems, problemAt(source, 0, { message, fix: 'Write the values out' })],
      place,
    };
  }
}

function syntaxProblems(source: Source): Problem[] {
  const { errors } = source.document;
  const tooDeep = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (tooDeep !== undefined) {
    // Every level around it fails as well, and what is open at the end is no news.
    const message = 'Brackets or lines are nested too deeply to be read';
    return [problemAt(source, tooDeep.pos[0], { message, fix: 'No setting needs more than a few levels' })];
  }
  return errors.slice(0, MAX_SYNTAX_PROBLEMS).map((error) => {
    const [start] = error.pos;
    if (error.code === 'MULTIPLE_DOCS') {
      const fix = 'Keep one document per file, without a second "---"';
      return problemAt(source, start, { message: 'The file holds more than one YAML document', fix });
    }
    if (error.code === 'DUPLICATE_KEY') {
      return problemAt(source, start, { message: 'Duplicate key', fix: 'Keep one of the two' });
    }
    return problemAt(source, start, {
      message: `Not YAML: ${error.message}`,
      fix: 'Check indentation, brackets and quotes',
    });
  });
}

/** Without these, `deny: [!safe_ports]` would be a list of one empty text. */
function tagProblems(source: Source): Problem[] {
  return source.document.warnings.map(({ pos: [start, end] }) => {
    const tag = source.text.slice(start, end);
    return problemAt(source, start, {
      message: `${tag} without quotes is a YAML tag`,
      fix: `Write "${tag}" in quotes`,
    });
  });
}

function nodeProblems(source: Source): Problem[] {
  const problems: Problem[] = [];
  const { document } = source;
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return;
      const fix = `Define &${node.source} before it, or quote the text`;
      problems.push(
        problemAt(source, startOf(node), { message: `Alias *${node.source} has no anchor`, fix }),
      );
    },
    Scalar(_, node) {
      // What was meant by `!name` is known, so that the rest of the checks can go on with it.
      if (node.value === '' && node.tag?.startsWith('!')) node.value = node.tag;
    },
    Pair(_, pair) {
      if (keyText(pair.key) !== '__proto__') return;
      const message = 'Key "__proto__" is not allowed';
      problems.push(problemAt(source, startOf(pair.key), { message, fix: 'Choose another name' }));
    },
  });
  return problems;
}

function placeFlaw(source: Source, { path, at, message, fix }: Flaw): Problem {
  const { key, node, isWhole } = find(source, path);
  const isOfKey = isWhole && at === 'key';
  const value = isWhole && at === 'value' ? written(source.text, node) : undefined;
  const offset = (isOfKey ? startOf(key) : undefined) ?? startOf(node) ?? startOf(key);
  return { ...problemAt(source, offset, { message, fix }), path: formatPath(path), value };
}

/** Where the path ends early (a key is missing), what was found last. */
function find({ document }: Source, path: Flaw['path']): Found {
  let found: Found = { key: undefined, node: document.contents, isWhole: true };
  for (const step of path) {
    const next = childOf(found.node, step);
    if (next === undefined) return { ...found, isWhole: false };
    const node = isAlias(next.node) ? next.node.resolve(document) : next.node;
    found = { key: next.key ?? node, node, isWhole: true };
  }
  return found;
}

function childOf(node: unknown, step: string | number): { key: unknown; node: unknown } | undefined {
  if (isSeq(node)) return { key: undefined, node: node.items[Number(step)] };
  if (!isMap(node)) return undefined;
  const pair = node.items.findLast(({ key }) => keyText(key) === step);
  return pair && { key: pair.key, node: pair.value };
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function problemAt(
  { file, lines }: Source,
  offset = 0,
  { message, fix }: Pick<Flaw, 'message' | 'fix'>,
): Problem {
  const { line, col } = lines.linePos(offset);
  return {
    file,
    line: Math.max(line, 1),
    column: Math.max(col, 1),
    path: '',
    message,
    value: undefined,
    fix,
  };
}

function written(text: string, node: unknown): string | undefined {
  const range = isNode(node) ? node.range : undefined;
  if (!range) return undefined;
  const isText = isScalar(node) && typeof node.value === 'string';
  return showValue(isText ? JSON.stringify(node.value) : text.slice(range[0], range[1])) || undefined;
}
