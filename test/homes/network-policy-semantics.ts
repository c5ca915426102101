/**
 * The judge of test/homes/network-policies.ts is judged itself: a row for each sentence of the API reference of NetworkPolicy that
 * it goes by.
 */
import t from 'tap';
import { type Manifest, readManifests } from '../fixtures/manifests.ts';
import { type Flow, host, mayPass, pod, tcp, udp } from '../fixtures/network-policies.ts';

/** A policy of namespace `a`, by its `spec`. */
function policy(spec: string): readonly Manifest[] {
  const head = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: p, namespace: a }\n';
  return readManifests(`${head}spec: ${spec}`);
}

const A = pod('a', '10.0.0.1', { app: 'x', tier: 'front' });
const B = pod('b', '10.0.0.2', { app: 'x' });

/** By the words of the API reference of NetworkPolicy. */
const SEMANTICS: readonly (readonly [title: string, spec: string, flow: Flow, passes: boolean])[] = [
  [
    'who is not selected is free',
    '{ podSelector: { matchLabels: { app: y } }, policyTypes: [Ingress, Egress] }',
    tcp(B, A, 1),
    true,
  ],
  ['an empty selector means all pods of the namespace', '{ podSelector: {} }', tcp(B, A, 1), false],
  ['and none of another', '{ podSelector: {} }', tcp(A, B, 1), true],
  ['without policyTypes it is about ingress', '{ podSelector: {} }', tcp(A, host('1.1.1.1'), 1), true],
  [
    'and with egress rules about egress',
    '{ podSelector: {}, egress: [] }',
    tcp(A, host('1.1.1.1'), 1),
    false,
  ],
  ['policyTypes alone deny', '{ podSelector: {}, policyTypes: [Egress] }', tcp(A, B, 1), false],
  [
    'a rule without peers means everybody',
    '{ podSelector: {}, ingress: [{ ports: [{ port: 1 }] }] }',
    tcp(host('1.1.1.1'), A, 1),
    true,
  ],
  [
    'a rule without ports means all',
    '{ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }',
    tcp(A, A, 9),
    true,
  ],
  ['an empty rule means everything', '{ podSelector: {}, ingress: [{}] }', tcp(B, A, 9), true],
  [
    'a podSelector alone means the own namespace',
    '{ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }',
    tcp(B, A, 1),
    false,
  ],
  [
    'both selectors in one entry must match',
    '{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: y } } }] }] }',
    tcp(B, A, 1),
    false,
  ],
  [
    'two entries are two ways',
    '{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }, { podSelector: { matchLabels: { app: y } } }] }] }',
    tcp(B, A, 1),
    true,
  ],
  [
    'a namespaceSelector means no host',
    '{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] }',
    tcp(host('1.1.1.1'), A, 1),
    false,
  ],
  [
    'an exception is none of the block',
    '{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 1.0.0.0/8, except: [1.1.0.0/16] } }] }] }',
    tcp(host('1.1.1.1'), A, 1),
    false,
  ],
  [
    'the rest of the block is',
    '{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 1.0.0.0/8, except: [1.1.0.0/16] } }] }] }',
    tcp(host('1.2.1.1'), A, 1),
    true,
  ],
  ['a port is TCP', '{ podSelector: {}, ingress: [{ ports: [{ port: 53 }] }] }', udp(B, A, 53), false],
  [
    'ports are a range with endPort',
    '{ podSelector: {}, ingress: [{ ports: [{ port: 5, endPort: 7 }] }] }',
    tcp(B, A, 7),
    true,
  ],
  [
    'which ends there',
    '{ podSelector: {}, ingress: [{ ports: [{ port: 5, endPort: 7 }] }] }',
    tcp(B, A, 8),
    false,
  ],
  [
    'In',
    '{ podSelector: { matchExpressions: [{ key: app, operator: In, values: [y, x] }] } }',
    tcp(B, A, 1),
    false,
  ],
  [
    'NotIn',
    '{ podSelector: { matchExpressions: [{ key: app, operator: NotIn, values: [x] }] } }',
    tcp(B, A, 1),
    true,
  ],
  [
    'NotIn means those without the label too',
    '{ podSelector: { matchExpressions: [{ key: z, operator: NotIn, values: [x] }] } }',
    tcp(B, A, 1),
    false,
  ],
  ['Exists', '{ podSelector: { matchExpressions: [{ key: z, operator: Exists }] } }', tcp(B, A, 1), true],
  [
    'DoesNotExist',
    '{ podSelector: { matchExpressions: [{ key: z, operator: DoesNotExist }] } }',
    tcp(B, A, 1),
    false,
  ],
  [
    'labels and expressions must both match',
    '{ podSelector: { matchLabels: { app: x }, matchExpressions: [{ key: tier, operator: In, values: [back] }] } }',
    tcp(B, A, 1),
    true,
  ],
];

t.test('mayPass() judges as the API reference of NetworkPolicy says', async (t) => {
  for (const [title, spec, flow, passes] of SEMANTICS) t.equal(mayPass(policy(spec), flow), passes, title);
  const both = [...policy('{ podSelector: {} }'), ...policy('{ podSelector: {}, ingress: [{}] }')];
  t.equal(mayPass(both, tcp(B, A, 1)), true, 'policies add up');
  const doubtful = policy('{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }');
  t.throws(() => mayPass(doubtful, tcp(B, A, 1)), /depends on whether an ipBlock means pods/);
});
