import t from 'tap';
import { claimsText, identityText, NOTHING_TOLD, readClaims } from '#hop/claims.ts';
import type { Identity } from '#match/subject.ts';

const BINDING = {
  aud: '[2001:db8::2]:3128',
  jti: 'AAAAAAAAAAAAAAAAAAAAAA',
  iatMs: 1_795_399_200_123,
  expMs: 1_795_399_260_123,
  target: 'login.microsoft.com:443',
  transaction: '0123456789-a',
  address: '2001:db8::7',
};
const POD: Identity = {
  namespace: 'api',
  pod: 'api-0',
  uid: 'u',
  serviceAccount: 'builder',
  podLabels: new Map([
    ['app', 'api'],
    ['1', 'x'],
  ]),
  hasAllLabels: true,
  namespaceLabels: undefined,
};

t.test('readClaims() reads what claimsText() writes, and both are JSON', async (t) => {
  for (const [told, identity] of [
    [NOTHING_TOLD, undefined],
    [identityText(POD, ['app', '1']), { ...POD, hasAllLabels: false }],
    [
      identityText({ ...POD, pod: undefined, podLabels: undefined }, ['app']),
      { ...POD, pod: undefined, podLabels: new Map(), hasAllLabels: false },
    ],
  ] as const) {
    const text = claimsText(BINDING, told);
    t.equal(JSON.stringify(JSON.parse(text)), text);
    t.same(readClaims(text), { ...BINDING, identity });
  }
  t.equal(
    identityText(
      { ...POD, namespace: undefined, pod: undefined, uid: undefined, serviceAccount: undefined },
      [],
    ),
    NOTHING_TOLD,
  );
});

t.test('readClaims() knows a pod again by the same words', async (t) => {
  const told = identityText(POD, ['app']);
  const first = readClaims(claimsText(BINDING, told));
  const second = readClaims(claimsText({ ...BINDING, target: 'a.example:443' }, told));
  t.ok(first?.identity !== undefined);
  t.equal(first?.identity, second?.identity);
});

t.test('readClaims() reads nothing else', async (t) => {
  const text = claimsText(BINDING, NOTHING_TOLD);
  for (const odd of [
    '',
    '{}',
    ` ${text}`,
    `${text} `,
    text.replace('2001:db8::7', ''),
    text.replace('2001:db8::7', 'x'.repeat(254)),
    text.replace('"jti"', '"Jti"'),
  ])
    t.equal(readClaims(odd), undefined, odd);
});
