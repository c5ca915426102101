/** Assertions that are none: refused before anything is dialled, counted by what is wrong, and never recorded as who they claim. */
import { assertionOf, encoded, headerWith, keyOf, signed } from '../fixtures/assertions.ts';
import { ask, claims, FORMS, fieldsOf, KEY, seconds, staged, TRANSACTION } from '../fixtures/told-tier.ts';

/** By what is wrong with it. */
const ATTACKS: Readonly<
  Record<string, readonly [flaw: string, fields: (target: string) => readonly string[]]>
> = {
  'of somebody without a key': ['unknown_key', (target) => fieldsOf(assertionOf(keyOf(9), claims(target)))],
  'signed with another key under our name': [
    'wrong_signature',
    (target) =>
      fieldsOf(
        signed({ ...keyOf(9), kid: KEY.kid }, headerWith(KEY), encoded(JSON.stringify(claims(target)))),
      ),
  ],
  'without a signature (alg none)': [
    'malformed',
    (target) => fieldsOf(`${encoded('{"alg":"none"}')}.${encoded(JSON.stringify(claims(target)))}.`),
  ],
  'of another algorithm': [
    'malformed',
    (target) =>
      fieldsOf(
        signed(
          KEY,
          encoded(JSON.stringify({ alg: 'RS256', typ: 'weir-identity', kid: KEY.kid })),
          encoded(JSON.stringify(claims(target))),
        ),
      ),
  ],
  'for another target': ['wrong_target', () => fieldsOf(assertionOf(KEY, claims('other.example:443')))],
  'for another hop': [
    'wrong_audience',
    (target) => fieldsOf(assertionOf(KEY, claims(target, { aud: 'vm-b.example:3128' }))),
  ],
  'for another transaction': [
    'wrong_transaction',
    (target) => fieldsOf(assertionOf(KEY, claims(target, { transaction: '0123456789-b' }))),
  ],
  'without the transaction beside it': [
    'wrong_transaction',
    (target) => fieldsOf(assertionOf(KEY, claims(target))).slice(1),
  ],
  'with the transaction twice': [
    'wrong_transaction',
    (target) => [...fieldsOf(assertionOf(KEY, claims(target))), `Weir-Transaction: ${TRANSACTION}`],
  ],
  'whose time is over': [
    'expired',
    (target) => fieldsOf(assertionOf(KEY, claims(target, { iat: seconds(-95_000), exp: seconds(-35_000) }))),
  ],
  'whose time is to come': [
    'not_yet_valid',
    (target) => fieldsOf(assertionOf(KEY, claims(target, { iat: seconds(35_000), exp: seconds(95_000) }))),
  ],
  'that is there twice': [
    'malformed',
    (target) => fieldsOf(assertionOf(KEY, claims(target)), assertionOf(KEY, claims(target))),
  ],
  'that is there twice, joined': [
    'wrong_signature',
    (target) => fieldsOf(`${assertionOf(KEY, claims(target))}, ${assertionOf(KEY, claims(target))}`),
  ],
  'without an end': ['malformed', () => fieldsOf('A'.repeat(20_000))],
  'that is empty': ['malformed', () => ['Weir-Transaction: 0123456789', 'Weir-Identity:']],
  'with a claim twice': [
    'malformed',
    (target) =>
      fieldsOf(
        signed(
          KEY,
          headerWith(KEY),
          encoded(JSON.stringify(claims(target)).replace('{', '{"namespace":"admin",')),
        ),
      ),
  ],
};

for (const [what, [flaw, fields]] of Object.entries(ATTACKS)) {
  // Attacks: own-identity, no-dial.
  staged(`an assertion ${what} is refused as ${flaw}`, async (t, { t2, origin, target }) => {
    for (const line of Object.values(FORMS)) {
      const answer = await ask(t2, line(target), fields(target));
      t.match(answer, { status: 403, first: 'HTTP/1.1 403 Identity assertion refused (t2)' });
      t.match(answer.body, 'the log of t2 says');
      t.notMatch(answer.lines.join() + answer.body, /api|admin/, 'nothing of it is told');
    }
    const records = await t2.ended(2);
    const audience = flaw === 'wrong_audience' ? ', for "[\\w.-]+:\\d+"' : '';
    for (const record of records) {
      t.match(record, {
        outcome: 'denied',
        reason: 'assertion_refused',
        detail: new RegExp(`^Weir-Identity is refused: ${flaw}, with transaction "[^"]*"${audience}$`),
      });
      t.match(record, {
        namespace: undefined,
        pod: undefined,
        serviceAccount: undefined,
        assertedIp: undefined,
      });
      t.notMatch(JSON.stringify(record), /api-0|admin/);
      t.not(record.transactionId, TRANSACTION, 'nor is it the transaction that it claims to be');
    }
    t.same(t2.assertions, [flaw, flaw]);
    t.equal(origin.accepted, 0, 'nothing was dialled');
  });
}

// Attacks: own-identity.
staged(
  'without an assertion nobody is known, whatever the address of the hop is',
  async (t, { t2, target }) => {
    t.match(await ask(t2, FORMS.GET(target), [`Weir-Transaction: ${TRANSACTION}`]), {
      status: 403,
      first: /Denied/,
    });
    t.match(await t2.ended(1), [
      { namespace: undefined, transactionId: TRANSACTION, reason: 'no_rule_matched' },
    ]);
    t.same(t2.assertions, ['absent']);
  },
  { identity: '{ static: { 127.0.0.1: { namespace: api, podLabels: { app: api } } } }' },
);

// Attacks: own-identity.
staged('of anybody but a hop it is no assertion at all', async (t, { t2, target }) => {
  const fields = fieldsOf(assertionOf(KEY, claims(target)));
  t.match(await ask({ port: t2.port, from: '127.0.0.2' }, FORMS.GET(target), fields), {
    status: 403,
    first: /Denied/,
  });
  t.match(await t2.ended(1), [{ namespace: undefined, assertedIp: undefined, reason: 'no_rule_matched' }]);
  t.not((await t2.ended(1))[0]?.transactionId, TRANSACTION);
  t.same(t2.forgedFields, ['weir-identity', 'weir-transaction']);
  t.same(t2.assertions, []);
});

// Attacks: own-identity.
staged(
  'without keys nothing is believed, and nobody refused',
  async (t, { t2, target }) => {
    const fields = fieldsOf(assertionOf(keyOf(9), claims(target)));
    t.match(await ask(t2, FORMS.GET(target), fields), { status: 403, first: /Denied/ });
    t.match(await t2.ended(1), [
      { namespace: undefined, reason: 'no_rule_matched', transactionId: TRANSACTION },
    ]);
    t.same(t2.assertions, []);
  },
  { hop: '{ trust: { from: [near] } }' },
);
