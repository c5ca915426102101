import t from 'tap';
import { Asserter } from '#hop/asserter.ts';
import { MAX_LABEL_BYTES, MAX_LENGTH } from '#hop/assertion.ts';
import type { Identity } from '#match/subject.ts';
import { encoded, headerWith, keyOf, signed } from '../../fixtures/assertions.ts';

const NOW = Date.parse('2026-11-23T02:00:00.123Z');
const BOUND = { target: 'login.microsoft.com:443', transaction: '0123456789-a', nowMs: NOW };
const POD: Identity = {
  namespace: 'api',
  pod: 'api-0',
  uid: '6f1c',
  serviceAccount: 'builder',
  podLabels: new Map([
    ['app', 'api'],
    ['secret', 'x'],
  ]),
  hasAllLabels: true,
  namespaceLabels: { labels: new Map([['egress', 'microsoft']]), hasAllLabels: true },
};

function claimsIn(text: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(text.split('.')[1] as string, 'base64url').toString());
}

t.test('assert() makes a JWS of what is known of the client', async (t) => {
  const keys = [keyOf(1), keyOf(2)];
  const asserter = new Asserter({ keys, labels: ['app', 'team'] });
  const text = asserter.assert({ address: '10.128.0.7', identity: POD }, 't2.example:3128', BOUND);
  const [header = '', payload = ''] = text.split('.');
  t.equal(text, signed(keyOf(1), header, payload), 'signed with the first key');
  t.same(JSON.parse(Buffer.from(header, 'base64url').toString()), {
    alg: 'HS256',
    typ: 'weir-identity',
    kid: keyOf(1).kid,
  });
  const { jti, ...claims } = claimsIn(text);
  t.match(jti, /^[A-Za-z0-9_-]{22}$/);
  t.same(claims, {
    aud: 't2.example:3128',
    iat: 1_795_399_200.123,
    exp: 1_795_399_260.123,
    target: 'login.microsoft.com:443',
    transaction: '0123456789-a',
    address: '10.128.0.7',
    namespace: 'api',
    pod: 'api-0',
    uid: '6f1c',
    service_account: 'builder',
    labels: { app: 'api' },
  });
  t.equal(payload, encoded(JSON.stringify({ ...claimsIn(text) })), 'in the one way to write it');
});

t.test('assert() says the address alone of a client that nothing is known of', async (t) => {
  const asserter = new Asserter({ keys: [keyOf(1)], labels: ['app'] });
  const text = asserter.assert({ address: '10.128.0.7', identity: undefined }, 't2.example:3128', BOUND);
  t.same(Object.keys(claimsIn(text)), ['aud', 'jti', 'iat', 'exp', 'target', 'transaction', 'address']);
  t.equal(text.split('.')[0], headerWith(keyOf(1)));
});

t.test('assert() says nothing of labels that are not known, or not to be told', async (t) => {
  const who = (identity: Identity, labels: string[]): unknown =>
    claimsIn(new Asserter({ keys: [keyOf(1)], labels }).assert({ address: '::1', identity }, 'a:1', BOUND))
      .labels;
  t.equal(who({ ...POD, podLabels: undefined }, ['app']), undefined);
  t.equal(who(POD, []), undefined);
  t.equal(who(POD, ['team']), undefined);
});

t.test('assert() gives each one an id of its own', async (t) => {
  const asserter = new Asserter({ keys: [keyOf(1)], labels: [] });
  const ids = new Set<unknown>();
  for (let i = 0; i < 1000; i += 1)
    ids.add(claimsIn(asserter.assert({ address: '::1', identity: POD }, 'a:1', BOUND)).jti);
  t.equal(ids.size, 1000);
});

t.test('assert() has room for all that can be configured', async (t) => {
  const names = Array.from({ length: 16 }, (_, index) => `${'a'.repeat(170)}.example/x${index}`);
  const labels = names.filter((_, index) => (index + 1) * (names[0] as string).length < MAX_LABEL_BYTES);
  const identity: Identity = {
    ...POD,
    namespace: 'n'.repeat(63),
    pod: 'p'.repeat(253),
    uid: 'u'.repeat(36),
    serviceAccount: 's'.repeat(253),
    podLabels: new Map(labels.map((name) => [name, 'v'.repeat(63)])),
  };
  const asserter = new Asserter({ keys: [keyOf(1)], labels });
  const bound = { target: `${'t'.repeat(253)}:65535`, transaction: 'x'.repeat(64), nowMs: NOW };
  const address = '2001:db8:1111:2222:3333:4444:5555:6666';
  const text = asserter.assert({ address, identity }, `${'a'.repeat(253)}:65535`, bound);
  t.ok(text.length <= MAX_LENGTH, `${text.length} characters`);
  t.equal(Object.keys(claimsIn(text).labels as object).length, labels.length, 'and nothing is cut');
});
