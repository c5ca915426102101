import t from 'tap';
import {
  compileNamespaceLabels,
  compileNamespaces,
  compilePodLabels,
  compileServiceAccounts,
  parseAccountName,
  parseLabelName,
  parseLabels,
  parseNamespace,
  parseOwnLabels,
  parsePodName,
  parseServiceAccount,
} from '#match/identity.ts';
import { Tri } from '#match/tri.ts';
import { type SubjectParts, subject } from '../../fixtures/subject.ts';

const of = (identity: SubjectParts['identity']) => subject(identity && { identity });
const labels = (...pairs: [string, string][]) => new Map(pairs);

t.test('parseNamespace() takes what a namespace can be called', async (t) => {
  for (const text of ['api', 'a', '0', 'a-b', 'a'.repeat(63)]) t.equal(parseNamespace(text), text);
  for (const text of ['', 'API', '-a', 'a-', 'a.b', 'a_b', 'a'.repeat(64)]) {
    const message = `Namespace "${text}" cannot exist, write one of a-z, 0-9 and "-" such as "api"`;
    t.throws(() => parseNamespace(text), { message }, text);
  }
});

t.test('parseServiceAccount() takes a name, with or without its namespace', async (t) => {
  for (const text of ['builder', 'a.b', 'ci/builder', 'ci/a.b']) t.equal(parseServiceAccount(text), text);
  for (const text of ['', 'Builder', '/builder', 'ci/', 'a/b/c', 'a.b/c', 'x y']) {
    const message = `Service account "${text}" cannot exist, write a name such as "builder", or "namespace/builder"`;
    t.throws(() => parseServiceAccount(text), { message }, text);
  }
});

t.test('parseLabels() takes what labels can be', async (t) => {
  const wishes = { app: ['api', ''], 'app.kubernetes.io/name': ['Api_1.x'] };
  t.equal(parseLabels(wishes), wishes);
  t.throws(() => parseLabels({}), { message: 'No label is named, remove the key' });
  t.throws(() => parseLabels({ 'a b': ['x'] }), { message: '"a b" is no label, write a name such as "app"' });
  t.throws(() => parseLabels({ app: ['ok', 'a b'] }), {
    message: 'Label "app" cannot be "a b", write a value such as "api"',
  });
});

t.test('compileNamespaces() judges the namespace', async (t) => {
  const namespaces = compileNamespaces(['api', 'web']);
  t.equal(namespaces.key, 'namespaces');
  t.ok(Object.isFrozen(namespaces));
  t.equal(namespaces.test(of({ namespace: 'web' })), Tri.True);
  t.equal(namespaces.test(of({ namespace: 'ap' })), Tri.False);
  t.equal(namespaces.test(of({})), Tri.Unknown);
  t.equal(namespaces.test(of(undefined)), Tri.Unknown);
});

const ACCOUNTS: readonly [accounts: string[], identity: SubjectParts['identity'], expected: Tri][] = [
  [['builder'], { serviceAccount: 'builder' }, Tri.True],
  [['builder'], { serviceAccount: 'builder', namespace: 'ci' }, Tri.True],
  [['builder'], { serviceAccount: 'default' }, Tri.False],
  [['builder'], { namespace: 'ci' }, Tri.Unknown],
  [['builder'], undefined, Tri.Unknown],
  [['ci/builder'], { serviceAccount: 'builder', namespace: 'ci' }, Tri.True],
  [['ci/builder'], { serviceAccount: 'builder', namespace: 'api' }, Tri.False],
  [['ci/builder'], { serviceAccount: 'builder' }, Tri.Unknown],
  [['ci/builder', 'builder'], { serviceAccount: 'builder' }, Tri.True],
  [['ci/builder', 'other'], { serviceAccount: 'builder', namespace: 'ci' }, Tri.True],
];

for (const [accounts, identity, expected] of ACCOUNTS) {
  t.test(`compileServiceAccounts([${accounts}]) of ${JSON.stringify(identity)}`, async (t) => {
    t.equal(compileServiceAccounts(accounts).test(of(identity)), expected);
  });
}

t.test('compileServiceAccounts() and compilePodLabels() make matchers', async (t) => {
  t.equal(compileServiceAccounts(['a']).key, 'serviceAccounts');
  t.equal(compilePodLabels({ app: ['a'] }).key, 'podLabels');
  t.ok(Object.isFrozen(compileServiceAccounts(['a'])) && Object.isFrozen(compilePodLabels({ app: ['a'] })));
});

const WISHES = { app: ['api', 'web'], tier: ['front'] };
const API: [string, string] = ['app', 'api'];

const LABELS: readonly [title: string, identity: SubjectParts['identity'], expected: Tri][] = [
  ['all labels', { podLabels: labels(API, ['tier', 'front']) }, Tri.True],
  ['any of the values', { podLabels: labels(['app', 'web'], ['tier', 'front']) }, Tri.True],
  ['another value', { podLabels: labels(API, ['tier', 'back']) }, Tri.False],
  ['a label that is not there', { podLabels: labels(API), hasAllLabels: true }, Tri.False],
  ['a label that may be there', { podLabels: labels(API) }, Tri.Unknown],
  ['a label that may be there beside a wrong one', { podLabels: labels(['tier', 'back']) }, Tri.False],
  ['no label known', {}, Tri.Unknown],
  ['nobody known', undefined, Tri.Unknown],
];

for (const [title, identity, expected] of LABELS) {
  t.test(`compilePodLabels() judges ${title}`, async (t) => {
    t.equal(compilePodLabels(WISHES).test(of(identity)), expected);
  });
}

const NAMESPACE_LABELS: readonly [title: string, identity: SubjectParts['identity'], expected: Tri][] = [
  [
    'all labels',
    { namespaceLabels: { labels: labels(API, ['tier', 'front']), hasAllLabels: true } },
    Tri.True,
  ],
  ['a label that is not there', { namespaceLabels: { labels: labels(API), hasAllLabels: true } }, Tri.False],
  [
    'a label that may be there',
    { namespaceLabels: { labels: labels(API), hasAllLabels: false } },
    Tri.Unknown,
  ],
  [
    'a namespace of which no label is known',
    { namespaceLabels: { labels: undefined, hasAllLabels: true } },
    Tri.Unknown,
  ],
  ['a pod that has these labels itself', { podLabels: labels(API, ['tier', 'front']) }, Tri.Unknown],
  ['nobody known', undefined, Tri.Unknown],
];

for (const [title, identity, expected] of NAMESPACE_LABELS) {
  t.test(`compileNamespaceLabels() judges ${title}`, async (t) => {
    const matcher = compileNamespaceLabels(WISHES);
    t.equal(matcher.key, 'namespaceLabels');
    t.equal(matcher.test(of(identity)), expected);
  });
}

const NAMES: Readonly<
  Record<string, readonly [parse: (text: string) => string, good: readonly string[], bad: readonly string[]]>
> = {
  'parseAccountName()': [parseAccountName, ['builder', 'a.b-c'], ['', 'api/builder', 'Builder', '-a']],
  'parsePodName()': [parsePodName, ['api-0', 'api-7f9c.x'], ['', 'Api', 'api_0', 'api-']],
  'parseLabelName()': [parseLabelName, ['app', 'k8s.example/app_name'], ['', 'a b', '/app', 'a/b/c']],
};

for (const [name, [parse, good, bad]] of Object.entries(NAMES)) {
  t.test(`${name} takes names that there can be, and no others`, async (t) => {
    for (const text of good) t.equal(parse(text), text);
    for (const text of bad) t.throws(() => parse(text), { message: /, write / }, text);
  });
}

t.test('parseOwnLabels() takes labels that there can be, or none, and no others', async (t) => {
  for (const labels of [{}, { app: 'api' }, { app: '' }]) t.equal(parseOwnLabels(labels), labels);
  t.throws(() => parseOwnLabels({ 'a b': 'c' }), { message: /is no label/ });
  t.throws(() => parseOwnLabels({ app: 'a b' }), { message: /Label "app" cannot be "a b"/ });
});
