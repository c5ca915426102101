/** Assertions as an attacker might write, keep, or alter them: each is refused, and for the reason that it is one. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { Asserter } from '#hop/asserter.ts';
import { MAX_LENGTH } from '#hop/assertion.ts';
import { Replays } from '#hop/replays.ts';
import { ASSERTION_RESULTS, type Flaw } from '#hop/results.ts';
import { Verifier, verifierOf } from '#hop/verifier.ts';
import { assertionOf, claimsAt, encoded, headerWith, keyOf, signed } from '../../fixtures/assertions.ts';

const NOW = Date.parse('2026-11-23T02:00:00Z');
const BOUND = { target: 'login.microsoft.com:443', transaction: '0123456789-a', nowMs: NOW };
const KEY = keyOf(1);

function verifier(): Verifier {
  const keys = [KEY, keyOf(2)];
  return new Verifier(
    { keys, audience: ['t2.example:3128', 't2-b.example:3128'] },
    new Replays(undefined, NOW - 3_600_000),
  );
}

t.test('verify() believes what a hop of ours says, whichever of the keys it has', async (t) => {
  const podLabels = new Map([['app', 'api']]);
  const identity = {
    namespace: 'api',
    pod: 'api-0',
    uid: 'u',
    serviceAccount: 'builder',
    podLabels,
    hasAllLabels: true,
    namespaceLabels: { labels: podLabels, hasAllLabels: true },
  };
  for (const keys of [[keyOf(1)], [keyOf(2)]]) {
    const asserter = new Asserter({ keys, labels: ['app'] });
    const text = asserter.assert({ address: '10.128.0.7', identity }, 't2.example:3128', BOUND);
    t.same(verifier().verify(text, BOUND), {
      address: '10.128.0.7',
      identity: { ...identity, hasAllLabels: false, namespaceLabels: undefined },
    });
  }
});

t.test('verify() knows nobody by an address alone', async (t) => {
  const text = assertionOf(KEY, claimsAt(NOW, { namespace: undefined }));
  t.same(verifier().verify(text, BOUND), { address: '10.128.0.7', identity: undefined });
});

t.test('verify() does not look at claims that it does not know', async (t) => {
  const text = assertionOf(KEY, claimsAt(NOW, { later: { x: [1] } }));
  t.match(verifier().verify(text, BOUND), { identity: { namespace: 'api' } });
});

const claims = (parts: Readonly<Record<string, unknown>> = {}): string =>
  assertionOf(KEY, claimsAt(NOW, parts));
const json = (text: string): string => signed(KEY, headerWith(KEY), encoded(text));
const header = (fields: object): string =>
  signed(KEY, encoded(JSON.stringify(fields)), encoded(JSON.stringify(claimsAt(NOW))));
const good = claims();
const [goodHeader = '', goodPayload = '', goodMac = ''] = good.split('.');
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaSigned = `${encoded(JSON.stringify({ alg: 'RS256', typ: 'weir-identity', kid: KEY.kid }))}.${goodPayload}`;
const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })).toString('base64');

const ATTACKS: Readonly<Record<string, readonly [text: string, flaw: Flaw]>> = {
  nothing: ['', 'malformed'],
  'a word': ['api', 'malformed'],
  dots: ['...', 'malformed'],
  'one dot': [`${goodHeader}.`, 'malformed'],
  'no signature': [`${goodHeader}.${goodPayload}.`, 'wrong_signature'],
  'two parts': [`${goodHeader}.${goodPayload}`, 'malformed'],
  'four parts': [`${good}.${goodMac}`, 'wrong_signature'],
  'alg none': [`${encoded('{"alg":"none"}')}.${goodPayload}.`, 'malformed'],
  'alg none with our names': [header({ alg: 'none', typ: 'weir-identity', kid: KEY.kid }), 'malformed'],
  'alg none in capitals': [header({ alg: 'nOnE', typ: 'weir-identity', kid: KEY.kid }), 'malformed'],
  'RS256 by a key of its own': [
    `${rsaSigned}.${createSign('sha256').update(rsaSigned).sign(privateKey, 'base64url')}`,
    'malformed',
  ],
  'HS256 with a public key for a secret': [
    signed({ kid: KEY.kid, secret: pem }, headerWith(KEY), goodPayload),
    'wrong_signature',
  ],
  'HS512 under our key': [header({ alg: 'HS512', typ: 'weir-identity', kid: KEY.kid }), 'malformed'],
  'a header with more in it': [
    header({ alg: 'HS256', typ: 'weir-identity', kid: KEY.kid, jku: 'http://x' }),
    'malformed',
  ],
  'a header in another order': [header({ kid: KEY.kid, alg: 'HS256', typ: 'weir-identity' }), 'malformed'],
  'a header of another type': [header({ alg: 'HS256', typ: 'JWT', kid: KEY.kid }), 'malformed'],
  'a header that is no object': [`${encoded('null')}.${goodPayload}.${goodMac}`, 'malformed'],
  'a header that is no JSON': [`${encoded('{')}.${goodPayload}.${goodMac}`, 'malformed'],
  'a header with its padding': [`${goodHeader}==.${goodPayload}.${goodMac}`, 'malformed'],
  'a key that nobody has': [assertionOf(keyOf(9), claimsAt(NOW)), 'unknown_key'],
  'our key name over another key': [
    signed({ kid: KEY.kid, secret: keyOf(9).secret }, headerWith(KEY), goodPayload),
    'wrong_signature',
  ],
  'the signature of another key of ours': [signed(keyOf(2), headerWith(KEY), goodPayload), 'wrong_signature'],
  'another namespace under the old signature': [
    `${goodHeader}.${encoded(JSON.stringify(claimsAt(NOW, { namespace: 'admin' })))}.${goodMac}`,
    'wrong_signature',
  ],
  'a payload in another alphabet': [
    `${goodHeader}.${goodPayload.replaceAll('e', '+')}.${goodMac}`,
    'wrong_signature',
  ],
  'a signature with its padding': [`${good}=`, 'wrong_signature'],
  'a blank behind it': [`${good} `, 'wrong_signature'],
  'a field that is too long': [`${goodHeader}.${'A'.repeat(MAX_LENGTH)}.${goodMac}`, 'malformed'],
  'claims that are no JSON': [json('{"aud":'), 'malformed'],
  'claims that are a list': [json('[]'), 'malformed'],
  'claims that are null': [json('null'), 'malformed'],
  'a claim twice': [json(JSON.stringify(claimsAt(NOW)).replace('{', '{"namespace":"admin",')), 'malformed'],
  'claims with blanks': [json(JSON.stringify(claimsAt(NOW), null, 1)), 'malformed'],
  'a number in another spelling': [
    json(JSON.stringify(claimsAt(NOW)).replace('"iat":1', '"iat":0.1e1')),
    'malformed',
  ],
  'what binds it a second time': [
    json(JSON.stringify(claimsAt(NOW)).replace(/\}$/, ',"aud":"t2.example:3128"}')),
    'malformed',
  ],
  'a comma behind it': [
    json(JSON.stringify(claimsAt(NOW, { namespace: undefined })).replace(/\}$/, ',}')),
    'malformed',
  ],
  'more behind it': [json(`${JSON.stringify(claimsAt(NOW, { namespace: undefined }))}{}`), 'malformed'],
  'an escape where none is needed': [
    json(JSON.stringify(claimsAt(NOW)).replace('"api"', '"\\u0061pi"')),
    'malformed',
  ],
  'no audience': [claims({ aud: undefined }), 'malformed'],
  'a list of audiences': [claims({ aud: ['t2.example:3128'] }), 'malformed'],
  'another hop': [claims({ aud: 't3.example:3128' }), 'wrong_audience'],
  'a hop on another port': [claims({ aud: 't2.example:3129' }), 'wrong_audience'],
  'another target': [claims({ target: 'graph.microsoft.com:443' }), 'wrong_target'],
  'another port of the target': [claims({ target: 'login.microsoft.com:80' }), 'wrong_target'],
  'another transaction': [claims({ transaction: '0123456789-b' }), 'wrong_transaction'],
  'a time to come': [claims({ iat: NOW / 1000 + 31, exp: NOW / 1000 + 91 }), 'not_yet_valid'],
  'a time long past': [claims({ iat: NOW / 1000 - 91, exp: NOW / 1000 - 31 }), 'expired'],
  'the very end': [claims({ iat: NOW / 1000 - 90, exp: NOW / 1000 - 30 }), 'expired'],
  'a life that is too long': [claims({ exp: NOW / 1000 + 61 }), 'malformed'],
  'a life that is none': [claims({ exp: NOW / 1000 }), 'malformed'],
  'no end': [claims({ exp: undefined }), 'malformed'],
  'a text for a time': [claims({ iat: String(NOW / 1000) }), 'malformed'],
  'no id': [claims({ jti: undefined }), 'malformed'],
  'a short id': [claims({ jti: 'AAAA' }), 'malformed'],
  'no address': [claims({ address: undefined }), 'malformed'],
  'an empty address': [claims({ address: '' }), 'malformed'],
  'a namespace that is none': [claims({ namespace: ['api'] }), 'malformed'],
  'a pod whose name has no end': [claims({ pod: 'p'.repeat(254) }), 'malformed'],
  'labels that are none': [claims({ labels: 'app' }), 'malformed'],
  'a label that is none': [claims({ labels: { app: 1 } }), 'malformed'],
  'a label without an end': [claims({ labels: { app: 'v'.repeat(64) } }), 'malformed'],
  'the name of a label without an end': [claims({ labels: { [`${'l'.repeat(318)}`]: 'v' } }), 'malformed'],
};

for (const [what, [text, flaw]] of Object.entries(ATTACKS)) {
  t.test(`verify() refuses ${what} as ${flaw}`, async (t) => {
    t.equal(verifier().verify(text, BOUND), flaw);
  });
}

t.test('audienceOf() tells whom it was for, where the signature is right', async (t) => {
  t.equal(verifier().audienceOf(claims({ aud: 't3.example:3128' })), 't3.example:3128');
  const other = goodMac.startsWith('A') ? 'B' : 'A';
  t.equal(verifier().audienceOf(`${goodHeader}.${goodPayload}.${other}${goodMac.slice(1)}`), undefined);
});

t.test('verify() has an attack for each of its flaws', async (t) => {
  const shown = new Set(Object.values(ATTACKS).map(([, flaw]) => flaw));
  t.same([...shown, 'accepted', 'absent', 'unchecked', 'replayed'].sort(), [...ASSERTION_RESULTS].sort());
});

t.test('verify() lets clocks differ by half a minute', async (t) => {
  for (const shift of [29.9, -89.9]) {
    const [iat, exp] = [NOW / 1000 + shift, NOW / 1000 + shift + 60];
    t.match(verifier().verify(claims({ iat, exp }), BOUND), { address: '10.128.0.7' }, `${shift} s`);
  }
});

t.test('verify() takes an assertion once', async (t) => {
  const one = verifier();
  t.match(one.verify(good, BOUND), { address: '10.128.0.7' });
  t.equal(one.verify(good, BOUND), 'replayed');
  t.equal(one.verify(good, { ...BOUND, nowMs: NOW + 60_000 }), 'replayed', 'as long as it could be used');
  t.match(
    one.verify(claims(), BOUND),
    { address: '10.128.0.7' },
    'another one for the same request is another',
  );
});

t.test('verify() does not use up what it refuses', async (t) => {
  const one = verifier();
  t.equal(one.verify(good, { ...BOUND, target: 'a.example:443' }), 'wrong_target');
  t.equal(one.verify(good.slice(0, -2), BOUND), 'wrong_signature');
  t.match(one.verify(good, BOUND), { address: '10.128.0.7' });
});

t.test('verify() cannot say whether what was made before its time was used', async (t) => {
  const late = new Verifier({ keys: [KEY], audience: ['t2.example:3128'] }, new Replays(undefined, NOW + 1));
  t.throws(() => late.verify(good, BOUND), {
    reason: 'assertion_unchecked',
    message: 'Weir-Identity was made 1 ms before what was used began to be kept',
  });
  const astray = new Verifier(
    { keys: [KEY], audience: ['t2.example:3128'] },
    new Replays(undefined, NOW + 3_600_000),
  );
  t.match(astray.verify(good, BOUND), { address: '10.128.0.7' }, 'a clock that was set back an hour');
});

// Attacks: own-identity.
t.test('verify() refuses whatever is altered, wherever it is', async (t) => {
  const one = verifier();
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 33, max: 126 }), (at, code) => {
      const letter = String.fromCharCode(code);
      fc.pre(good[at] !== letter);
      const word = one.verify(good.slice(0, at) + letter + good.slice(at + 1), BOUND);
      t.type(word, 'string', `${letter} at ${at}`);
    }),
    { seed: 42, numRuns: 500 },
  );
});

// Attacks: own-identity.
t.test('verify() takes any text, and believes none', async (t) => {
  const one = verifier();
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      t.type(one.verify(text, BOUND), 'string');
    }),
    { seed: 43, numRuns: 500 },
  );
});

t.test('verifierOf() goes on with what was used, where it is kept in the same place', async (t) => {
  const options = { keys: [KEY], audience: ['t2.example:3128'], replayDirectory: undefined };
  t.equal(verifierOf(undefined, undefined), undefined);
  const first = verifierOf(options, undefined);
  const second = verifierOf({ ...options, audience: ['x:1'] }, first);
  t.equal(second?.replays, first?.replays);
  const third = verifierOf({ ...options, replayDirectory: t.testdir({}) }, second);
  t.not(third?.replays, second?.replays);
});
