import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

const ACLS = [
  'acl net src 10.0.0.0/8',
  'acl staff proxy_auth REQUIRED',
  'acl alice proxy_auth alice',
  'acl either any-of net alice',
  'acl out ident REQUIRED',
  'acl some proxy_auth_regex ^a',
];

const ASKING: Readonly<Record<string, readonly [lines: readonly string[], rules: readonly string[]]>> = {
  'nobody is asked where nothing is open behind it': [
    ['allow net staff', 'deny all'],
    ['allow net staff', 'deny all'],
  ],
  'and not for other users': [
    ['allow net alice', 'allow staff', 'deny all'],
    ['allow net alice', 'allow staff', 'deny all'],
  ],
  'before a rule that is open a rule asks': [
    ['allow CONNECT staff', 'allow net', 'deny all'],
    ['allow connect staff', 'deny connect !staff', 'allow net', 'deny all'],
  ],
  'under the condition of what stands before the users alone': [
    ['allow alice CONNECT', 'allow net', 'deny all'],
    ['allow alice connect', 'deny !authenticated', 'allow net', 'deny all'],
  ],
  'before what Squid allows at the end too': [
    ['allow staff', 'deny net'],
    ['allow staff', 'deny !staff', 'deny net', 'allow all'],
  ],
  'a deny asks itself': [
    ['deny net alice', 'allow all'],
    ['deny net alice', 'allow all'],
  ],
  'but not before what stands behind the users': [
    ['deny !alice net', 'allow all'],
    ['deny !alice net', 'deny !authenticated', 'allow all'],
  ],
  'each alternative in its turn': [
    ['allow either', 'allow CONNECT', 'deny all'],
    ['allow net', 'allow alice', 'deny !authenticated', 'allow connect', 'deny all'],
  ],
  once: [
    ['allow alice', 'allow CONNECT staff', 'allow net', 'deny all'],
    ['allow alice', 'deny !authenticated', 'allow connect staff', 'allow net', 'deny all'],
  ],
  'for users that Weir cannot judge, too': [
    ['allow CONNECT some', 'allow net', 'deny all'],
    ['deny connect !authenticated', 'allow net', 'deny all'],
  ],
  'where something before cannot be judged, of more clients': [
    ['allow out staff', 'allow net', 'deny all'],
    ['deny !staff', 'allow net', 'deny all'],
  ],
};

for (const [title, [lines, rules]] of Object.entries(ASKING)) {
  t.test(`credentials: ${title}`, async (t) => {
    const found = await imported(t, [...ACLS, ...lines.map((line) => `http_access ${line}`)]);
    t.same(rulesOf(found), rules);
    const isAsking = rules.some((rule) => /^deny .*![a-z]+$/.test(rule) && !rule.includes('!alice'));
    t.equal(
      found.told.some((text) => text.includes('asked for credentials before')),
      isAsking,
    );
  });
}

t.test('credentials: the line says which rule asks', async (t) => {
  const found = await imported(t, [
    ...ACLS,
    'http_access allow alice',
    'http_access allow net',
    'http_access deny all',
  ]);
  t.match(toldOf(found, 7), [
    /^same Rule "allow-alice"$/,
    /^same Here clients are asked.*: rule "deny-not-authenticated"$/,
  ]);
});
