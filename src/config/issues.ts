/**
 * Turns what zod finds into flaws that say, in our words, what is wrong and what to write instead. The hints come from
 * the JSON Schema, so that they never differ from the documentation.
 */
import { stringify } from 'yaml';
import type { z } from 'zod';
import { schemasAt } from './json-schema.ts';
import { nearest } from './nearest.ts';
import { type Flaw, type Path, splitComplaint } from './problems.ts';

type Issue = z.core.$ZodIssue;

/** Where an issue is, and in what. */
interface Context {
  readonly root: unknown;
  readonly path: Path;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  record: 'a mapping',
  object: 'a mapping',
  null: 'nothing',
};

/** Flaws behind the issues that parsing `root` gave. `path` leads to where the issues' own paths begin. */
export function flawsOf(issues: readonly Issue[], root: unknown, path: Path = []): Flaw[] {
  return issues.flatMap((issue) => {
    const steps = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    return flawsOfIssue(issue, { root, path: [...path, ...steps] });
  });
}

function flawsOfIssue(issue: Issue, context: Context): Flaw[] {
  const { path } = context;
  switch (issue.code) {
    case 'invalid_type':
      return [wrongType([issue.expected], context)];
    case 'invalid_union':
      return wrongAlternative(issue.errors, context);
    case 'unrecognized_keys':
      return issue.keys.map((name) => unknownKey(path, name));
    case 'invalid_value':
      return [wrongWord(issue.values.map(String), context)];
    case 'invalid_key':
      return issue.issues.map(({ message }) => complaint(message, path, 'key'));
    case 'too_small':
      return [complaint(issue.origin === 'array' ? 'The list is empty' : 'The text is empty', path, 'value')];
    default:
      return [complaint(issue.message, path, isOfKey(issue) ? 'key' : 'value')];
  }
}

function wrongType(expected: readonly string[], { root, path }: Context): Flaw {
  const value = path.reduce(childOf, root);
  const last = path.at(-1);
  if (value === undefined && last !== undefined) {
    return { path, at: 'value', message: `Key "${last}" is missing`, fix: hint(path, 'Add') };
  }
  const nouns = new Set(expected.map((type) => NOUNS[type] ?? type));
  const message = `Expected ${[...nouns].join(' or ')}, found ${nounOf(value)}`;
  return { path, at: 'value', message, fix: hint(path, 'Write') };
}

/** Of the alternatives, the one whose type fits has the telling issues; where none fits, the types are the issue. */
function wrongAlternative(alternatives: readonly (readonly Issue[])[], context: Context): Flaw[] {
  const fitting = alternatives.find((issues) => !issues.some(isMismatch));
  if (fitting !== undefined) return flawsOf(fitting, context.root, context.path);
  const mismatches = alternatives.flat().filter(isMismatch);
  return [
    wrongType(
      mismatches.map(({ expected }) => expected),
      context,
    ),
  ];
}

function isMismatch(issue: Issue): issue is z.core.$ZodIssueInvalidType {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

function unknownKey(parent: Path, name: string): Flaw {
  const known = schemasAt(parent).flatMap(({ properties }) => Object.keys(properties ?? {}));
  const guess = nearest(name, known);
  const fix = guess === undefined ? `Use one of: ${known.join(', ')}` : `Write "${guess}"`;
  return { path: [...parent, name], at: 'key', message: `Unknown key "${name}"`, fix };
}

function wrongWord(words: readonly string[], { root, path }: Context): Flaw {
  const value = path.reduce(childOf, root);
  const guess = typeof value === 'string' ? nearest(value, words) : undefined;
  const fix = guess === undefined ? `Write ${words.join(' or ')}` : `Write ${guess}`;
  return { path, at: 'value', message: `Only ${words.join(', ')} can stand here`, fix };
}

function complaint(text: string, path: Path, at: Flaw['at']): Flaw {
  const { message, fix = hint(path, 'Write') } = splitComplaint(text);
  return { path, at, message, fix };
}

/** An example for the innermost key on the path that has one. */
function hint(path: Path, verb: string): string {
  for (let length = path.length; length > 0; length -= 1) {
    const name = path[length - 1];
    const example = schemasAt(path.slice(0, length)).find(({ examples }) => examples !== undefined)
      ?.examples?.[0];
    if (example === undefined || typeof name === 'number') continue;
    const text = stringify(example, {
      collectionStyle: 'flow',
      flowCollectionPadding: false,
      lineWidth: 0,
    }).trim();
    return `${verb} for example ${name}: ${text}`;
  }
  return 'Write a mapping with the keys name, listeners, access and routes';
}

function isOfKey(issue: Issue): boolean {
  return issue.code === 'custom' && issue.params?.at === 'key';
}

function childOf(value: unknown, step: string | number): unknown {
  return (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step];
}

function nounOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const type = Array.isArray(value) ? 'array' : typeof value;
  return NOUNS[type] ?? type;
}
