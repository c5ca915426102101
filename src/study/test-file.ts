/**
 * Files of policy tests: how they are named, and their way from text to tests or to everything that is wrong with them,
 * names that the policy does not have included. A test that asks about another policy than it means proves nothing.
 */
import { parseText } from '#config/document.ts';
import { decodeText, readBounded } from '#config/files.ts';
import { flawsOf } from '#config/issues.ts';
import { jsonSchemaOf } from '#config/json-schema.ts';
import { nearest } from '#config/nearest.ts';
import type { Place } from '#config/places.ts';
import { ConfigError, type Flaw, type Path } from '#config/problems.ts';
import { subjectOf } from './question.ts';
import { type PolicyTest, testSchema } from './test-schema.ts';
import type { Tier } from './tier.ts';

/** A test, and where it stands. */
export interface PlacedTest {
  readonly test: PolicyTest;
  readonly place: Place;
}

const TEST_FILE = /\.test(\.ya?ml)$/;

/** Whether the name is one of a file of tests. */
export function isTestFile(file: string): boolean {
  return TEST_FILE.test(file);
}

/** Where the tests of a policy are: `t1.test.yaml` of `t1.yaml`. */
export function testFileOf(policyFile: string): string {
  return /\.ya?ml$/.test(policyFile)
    ? policyFile.replace(/(\.ya?ml)$/, '.test$1')
    : `${policyFile}.test.yaml`;
}

/** What the tests are of. */
export function policyFileOf(testFile: string): string {
  return testFile.replace(TEST_FILE, '$1');
}

/**
 * The tests in a file, for the policy of `tier`.
 * @throws {ConfigError} with everything that is wrong
 */
export async function readTests(file: string, tier: Tier): Promise<readonly PlacedTest[]> {
  const source = parseText(await textOf(file), file);
  const result = testSchema.safeParse(source.value);
  const issues = result.error?.issues ?? [];
  const flaws = source.value === undefined ? [] : flawsOf(issues, source.value, jsonSchemaOf(testSchema));
  for (const [index, test] of result.data?.tests.entries() ?? [])
    flaws.push(...flawsOfTest(test, index, tier));
  const problems = [...source.problems, ...flaws.map(source.place)];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return result.data.tests.map((test, index) => {
    const flaw: Flaw = { path: ['tests', index], at: 'value', message: '', fix: '' };
    const { line, column } = source.place(flaw);
    return { test, place: { file, line, column } };
  });
}

async function textOf(file: string): Promise<string> {
  try {
    return decodeText(file, await readBounded(file));
  } catch (error) {
    const place = { file, line: 1, column: 1, path: '', value: undefined };
    const fix = 'Write the tests of a policy beside it: those of t1.yaml are in t1.test.yaml';
    throw new ConfigError([{ ...place, message: (error as Error).message, fix }]);
  }
}

function flawsOfTest(test: PolicyTest, index: number, { config }: Tier): Flaw[] {
  const path = ['tests', index];
  const rules = config.policy.access.map(({ name }) => name);
  const listeners = config.listeners.map(({ name }) => name);
  return [
    ...unknownName('Rule', { name: test.expect.rule, known: rules }, [...path, 'expect', 'rule']),
    ...unknownName('Listener', { name: test.from.listener, known: listeners }, [...path, 'from', 'listener']),
    ...unknownUser(test.from.user, config.auth, [...path, 'from', 'user']),
    ...unreadableTarget(test, [...path, 'target']),
  ];
}

interface Named {
  readonly name: string | null | undefined;
  readonly known: readonly string[];
}

function unknownName(kind: 'Rule' | 'Listener', { name, known }: Named, path: Path): Flaw[] {
  if (typeof name !== 'string' || known.includes(name)) return [];
  const guess = nearest(name, known);
  const fix = guess === undefined ? `Use one of: ${known.join(', ')}` : `Write "${guess}"`;
  return [{ path, at: 'value', message: `${kind} "${name}" is not in the policy`, fix }];
}

/** There may be very many users: none is offered but the one that is meant. */
function unknownUser(user: string | undefined, auth: Tier['config']['auth'], path: Path): Flaw[] {
  const known = auth?.users.map(({ name }) => name) ?? [];
  if (user === undefined || known.includes(user)) return [];
  const guess = nearest(user, known);
  const fix =
    guess === undefined ? 'Leave it out: whoever is not known is as good as nobody' : `Write "${guess}"`;
  const where = auth === undefined ? 'is unknown, for the policy has no auth' : 'is not in auth.usersFile';
  return [{ path, at: 'value', message: `User "${user}" ${where}`, fix }];
}

function unreadableTarget({ target, method }: PolicyTest, path: Path): Flaw[] {
  try {
    subjectOf({ ip: '::', target, method });
    return [];
  } catch (error) {
    const [message = '', fix = ''] = (error as Error).message.split(/, (?=write )/);
    return [{ path, at: 'value', message, fix: fix.replace(/^w/, 'W') }];
  }
}
