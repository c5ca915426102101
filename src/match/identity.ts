/**
 * `namespaces`, `serviceAccounts`, `podLabels` and `namespaceLabels`: who runs the client, by the words of Kubernetes. What is not
 * known of a client is unknown, never a reason to let something pass.
 */
import type { Matcher } from './matcher.ts';
import type { Labels } from './subject.ts';
import { Tri, triOf } from './tri.ts';

/** Values of each label, any of which will do. */
export type LabelWishes = Readonly<Record<string, readonly string[]>>;

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const ACCOUNT = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;
const LABEL_NAME = /^([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Reads the name of a namespace.
 * @throws {Error} naming the text and the fix
 */
export function parseNamespace(text: string): string {
  if (NAMESPACE.test(text)) return text;
  throw new Error(`Namespace "${text}" cannot exist, write one of a-z, 0-9 and "-" such as "api"`);
}

/**
 * Reads `name`, which holds in every namespace, or `namespace/name`.
 * @throws {Error} naming the text and the fix
 */
export function parseServiceAccount(text: string): string {
  const [name = '', namespace = 'any', ...more] = text.split('/').reverse();
  if (ACCOUNT.test(name) && NAMESPACE.test(namespace) && more.length === 0) return text;
  throw new Error(
    `Service account "${text}" cannot exist, write a name such as "builder", or "namespace/builder"`,
  );
}

/**
 * Reads the name of a service account, without its namespace.
 * @throws {Error} naming the text and the fix
 */
export function parseAccountName(text: string): string {
  if (ACCOUNT.test(text)) return text;
  throw new Error(`Service account "${text}" cannot exist, write its name alone such as "builder"`);
}

/**
 * Reads the name of a pod.
 * @throws {Error} naming the text and the fix
 */
export function parsePodName(text: string): string {
  if (ACCOUNT.test(text)) return text;
  throw new Error(`Pod "${text}" cannot exist, write one of a-z, 0-9, "-" and "." such as "api-0"`);
}

/**
 * Reads the name of a label.
 * @throws {Error} naming the text and the fix
 */
export function parseLabelName(text: string): string {
  if (LABEL_NAME.test(text)) return text;
  throw new Error(`"${text}" is no label, write a name such as "app"`);
}

/**
 * Checks the labels that a pod or a namespace has.
 * @throws {Error} naming what is wrong and the fix
 */
export function parseOwnLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(labels)) refuseLabel(name, [value]);
  return labels;
}

/**
 * Checks the names of labels and their values.
 * @throws {Error} naming what is wrong and the fix
 */
export function parseLabels(wishes: LabelWishes): LabelWishes {
  const entries = Object.entries(wishes);
  if (entries.length === 0) throw new Error('No label is named, remove the key');
  for (const [name, values] of entries) refuseLabel(name, values);
  return wishes;
}

function refuseLabel(name: string, values: readonly string[]): void {
  parseLabelName(name);
  const odd = values.find((value) => !LABEL_VALUE.test(value));
  if (odd !== undefined) throw new Error(`Label "${name}" cannot be "${odd}", write a value such as "api"`);
}

/** `namespaces`: judges the namespace of the client's pod. */
export function compileNamespaces(namespaces: readonly string[]): Matcher {
  const words = new Set(namespaces);
  return Object.freeze<Matcher>({
    key: 'namespaces',
    test: ({ identity }) => {
      const namespace = identity?.namespace;
      return namespace === undefined ? Tri.Unknown : triOf(words.has(namespace));
    },
  });
}

/** `serviceAccounts`: judges the service account of the client's pod. */
export function compileServiceAccounts(accounts: readonly string[]): Matcher {
  const anywhere = new Set(accounts.filter((account) => !account.includes('/')));
  const placed = new Set(accounts.filter((account) => account.includes('/')));
  return Object.freeze<Matcher>({
    key: 'serviceAccounts',
    test: ({ identity }) => {
      const account = identity?.serviceAccount;
      if (account === undefined) return Tri.Unknown;
      if (anywhere.has(account) || placed.size === 0) return triOf(anywhere.has(account));
      if (identity?.namespace === undefined) return Tri.Unknown;
      return triOf(placed.has(`${identity.namespace}/${account}`));
    },
  });
}

/** `podLabels`: judges the labels of the client's pod, all of which must have one of their values. */
export function compilePodLabels(wishes: LabelWishes): Matcher {
  const wanted = wantedLabels(wishes);
  return Object.freeze<Matcher>({
    key: 'podLabels',
    test: ({ identity }) => testLabels(wanted, identity?.podLabels, identity?.hasAllLabels === true),
  });
}

/** `namespaceLabels`: judges the labels of the namespace of the client's pod, in the same way. */
export function compileNamespaceLabels(wishes: LabelWishes): Matcher {
  const wanted = wantedLabels(wishes);
  return Object.freeze<Matcher>({
    key: 'namespaceLabels',
    test: ({ identity }) => {
      const known = identity?.namespaceLabels;
      return testLabels(wanted, known?.labels, known?.hasAllLabels === true);
    },
  });
}

interface WantedLabel {
  readonly name: string;
  readonly values: ReadonlySet<string>;
}

function wantedLabels(wishes: LabelWishes): readonly WantedLabel[] {
  return Object.entries(wishes).map(([name, values]) => ({ name, values: new Set(values) }));
}

function testLabels(wanted: readonly WantedLabel[], labels: Labels | undefined, areAll: boolean): Tri {
  if (labels === undefined) return Tri.Unknown;
  let result: Tri = Tri.True;
  for (const { name, values } of wanted) {
    const value = labels.get(name);
    if (value === undefined ? areAll : !values.has(value)) return Tri.False;
    if (value === undefined) result = Tri.Unknown;
  }
  return result;
}
