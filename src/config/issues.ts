/**
 * Turns what zod finds into flaws that say, in our words, what is wrong and what to write instead. The hints come from
 * the JSON Schema, so that they never differ from the documentation.
 */
import { stringify } from 'yaml';
import type { z } from 'zod';
import { configJsonSchema, type JsonSchema, schemasAt } from './json-schema.ts';
import { nearest } from './nearest.ts';
import { type Flaw, type Path, splitComplaint } from './problems.ts';

type Issue = z.core.$ZodIssue;

/** Where an issue is, and in what. */
interface Context {
  readonly root: unknown;
  readonly path: Path;
  /** Of the root; undefined: that of the configuration. */
  readonly schema: JsonSchema | undefined;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  record: 'a mapping',
  object: 'a mapping',
  null: 'nothing',
};

/** Flaws behind the issues that parsing `root` gave. Hints are taken from `schema`, or from that of the configuration. */
export function flawsOf(issues: readonly Issue[], root: unknown, schema?: JsonSchema): Flaw[] {
  return flawsIn(issues, { root, path: [], schema });
}

/** The issues' own paths begin where that of the context ends. */
function flawsIn(issues: readonly Issue[], context: Context): Flaw[] {
  return issues.flatMap((issue) => {
    const steps = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    return flawsOfIssue(issue, { ...context, path: [...context.path, ...steps] });
  });
}

function flawsOfIssue(issue: Issue, context: Context): Flaw[] {
  switch (issue.code) {
    case 'invalid_type':
      return [wrongType([issue.expected], context)];
    case 'invalid_union':
      return wrongAlternative(issue.errors, context);
    case 'unrecognized_keys':
      return issue.keys.map((name) => unknownKey(context, name));
    case 'invalid_value':
      return [wrongWord(issue.values.map(String), context)];
    case 'invalid_key':
      return issue.issues.map(({ message }) => complaint(message, context, 'key'));
    case 'too_small':
    case 'too_big':
      return [complaint(outOfBounds(issue), context, 'value')];
    default:
      return [complaint(issue.message, context, isOfKey(issue) ? 'key' : 'value')];
  }
}

/** Bounds of numbers have a complaint of their own in the schema. */
function outOfBounds({ origin, message }: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  if (origin === 'array') return 'The list is empty';
  return origin === 'string' ? 'The text is empty' : message;
}

function wrongType(expected: readonly string[], context: Context): Flaw {
  const { root, path } = context;
  const value = path.reduce(childOf, root);
  const last = path.at(-1);
  if (value === undefined && last !== undefined) {
    return { path, at: 'value', message: `Key "${last}" is missing`, fix: hint(context, 'Add') };
  }
  const nouns = new Set(expected.map((type) => NOUNS[type] ?? type));
  const message = `Expected ${[...nouns].join(' or ')}, found ${nounOf(value)}`;
  return { path, at: 'value', message, fix: hint(context, 'Write') };
}

/** Of the alternatives, the one whose type fits has the telling issues; where none fits, the types are the issue. */
function wrongAlternative(alternatives: readonly (readonly Issue[])[], context: Context): Flaw[] {
  const fitting = alternatives.find((issues) => !issues.some(isMismatch));
  if (fitting !== undefined) return flawsIn(fitting, context);
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

function unknownKey({ path: parent, schema }: Context, name: string): Flaw {
  const known = schemasAt(parent, schema).flatMap(({ properties }) => Object.keys(properties ?? {}));
  const guess = nearest(name, known);
  const fix = guess === undefined ? `Use one of: ${known.join(', ')}` : `Write "${guess}"`;
  return { path: [...parent, name], at: 'key', message: `Unknown key "${name}"`, fix };
}

function wrongWord(words: readonly string[], { root, path }: Context): Flaw {
  const value = path.reduce(childOf, root);
  // Two letters are too few for a guess: `no` would mean `on`.
  const guess = typeof value === 'string' && value.length > 2 ? nearest(value, words) : undefined;
  const fix = guess === undefined ? `Write ${words.join(' or ')}` : `Write ${guess}`;
  return {
    path,
    at: 'value',
    message: `Only ${words.join(', ')} can stand here`,
    fix: value === false ? `Remove it, or ${fix.toLowerCase()}` : fix,
  };
}

function complaint(text: string, context: Context, at: Flaw['at']): Flaw {
  const { path } = context;
  const { message, fix = hint(context, 'Write') } = splitComplaint(text);
  return { path, at, message, fix };
}

/** An example for the innermost key on the path that has one. */
function hint({ path, schema }: Context, verb: string): string {
  for (let length = path.length; length > 0; length -= 1) {
    const name = path[length - 1];
    const example = schemasAt(path.slice(0, length), schema).find(({ examples }) => examples !== undefined)
      ?.examples?.[0];
    if (example === undefined || typeof name === 'number') continue;
    const text = stringify(example, {
      collectionStyle: 'flow',
      flowCollectionPadding: false,
      lineWidth: 0,
    }).trim();
    return `${verb} for example ${name}: ${text}`;
  }
  const { required = [] } = schema ?? configJsonSchema();
  const keys = required.join(', ').replace(/, (?=[^,]*$)/, ' and ');
  return `Write a mapping with the ${required.length === 1 ? 'key' : 'keys'} ${keys}`;
}

function isOfKey(issue: Issue): boolean {
  return issue.code === 'custom' && issue.params?.at === 'key';
}

function childOf(value: unknown, step: string | number): unknown {
  return (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[step];
}

function nounOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'number' && !Number.isInteger(value))
    return Number.isFinite(value) ? 'a fraction' : `${value}`;
  const type = Array.isArray(value) ? 'array' : typeof value;
  return NOUNS[type] ?? type;
}
