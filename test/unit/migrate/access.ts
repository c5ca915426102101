import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

const ACLS = ['acl a src 10.0.0.1', 'acl p port 443', 'acl d dstdomain -n .a.com', 'acl u ident REQUIRED'];

const ACCESS: Readonly<
  Record<string, readonly [lines: readonly string[], rules: readonly string[], told: RegExp]>
> = {
  'no line denies everything': [[], ['deny all'], /^$/],
  'after allow comes deny': [['allow a'], ['allow a'], /^same Rule "allow-a"$/],
  'after deny comes allow, as Squid has it, and is told': [
    ['deny a'],
    ['deny a', 'allow all'],
    /dangerous The last line denies, so that Squid allows whatever no line matches/,
  ],
  'all of a line must hold, and ! negates': [['allow a !p'], ['allow a !p'], /^same /],
  'nothing comes behind a line for all': [
    ['deny all', 'allow a'],
    ['deny all'],
    /dropped Never reached: line 5 decides everything/,
  ],
  'an allow that cannot be judged allows nothing': [
    ['allow a u'],
    ['deny all'],
    /^changed It allows nothing.*ACL "u": Weir has no ident/,
  ],
  'a deny that cannot be judged denies more': [
    ['deny a u', 'allow all'],
    ['deny a', 'allow all'],
    /^dangerous It denies more/,
  ],
  'and everything where nothing of it can be': [
    ['deny !u', 'allow all'],
    ['deny all'],
    /^dangerous Everything is denied from here on/,
  ],
  'the same line again is never reached': [
    ['allow a P', 'allow p A p', 'deny all'],
    ['allow a p', 'deny all'],
    /^dropped Never reached: line 5 is the same$/,
  ],
  'and neither is one that would decide the same otherwise': [
    ['allow a !p', 'deny !p a', 'allow a p', 'deny all'],
    ['allow a !p', 'allow a p', 'deny all'],
    /^dropped Never reached: line 5 decides the same requests$/,
  ],
  'the opposite of such a line comes last all the same': [
    ['allow a', 'deny a'],
    ['allow a', 'allow all'],
    /^dangerous The last line denies/,
  ],
  'a line without an ACL is ignored': [
    ['allow', 'deny all'],
    ['deny all'],
    /^error It is no allow or deny with an ACL/,
  ],
  'and so is one of another action': [
    ['permit a', 'deny all'],
    ['deny all'],
    /^error It is no allow or deny with an ACL/,
  ],
  'the cache manager is no more': [['deny manager', 'deny all'], ['deny all'], /^dropped It never holds/],
  'a deny by domain holds for an address': [
    ['deny d', 'allow all'],
    ['deny d', 'allow all'],
    /changed A target that is an IP address is refused by the rules here/,
  ],
  'an allow by no domain fails for one': [
    ['allow !d'],
    ['allow !d'],
    /changed For a target that is an IP address the rule fails/,
  ],
  'dst is judged address by address': [
    ['deny to_localhost', 'deny all'],
    ['deny to_localhost', 'deny all'],
    /changed Squid holds dst for a name where any/,
  ],
};

for (const [title, [lines, rules, told]] of Object.entries(ACCESS)) {
  t.test(`translateAccess(): ${title}`, async (t) => {
    const found = await imported(t, [...ACLS, ...lines.map((line) => `http_access ${line}`)]);
    t.same(rulesOf(found), rules);
    t.match(
      found.told
        .filter((text) => Number.parseInt(text, 10) > ACLS.length)
        .map((text) => text.replace(/^\d+ /, ''))
        .join('\n'),
      new RegExp(told.source, 'm'),
    );
  });
}

t.test('translateAccess() denies where a line is too large to write out', async (t) => {
  const names = Array.from({ length: 12 }, (_, index) => `a${index}`);
  const acls = names.map((name, index) => `acl ${name} src 10.0.0.${index}`);
  const groups = [
    'acl g any-of a0 a1 a2 a3 a4 a5 a6 a7 a8',
    'acl h any-of a0 a1 a2 a3 a4 a5 a6 a7 a9 a10 a11',
  ];
  const found = await imported(t, [
    ...acls,
    ...groups,
    'http_access allow g h',
    'http_access deny g h CONNECT',
    'http_access allow all',
  ]);
  t.match(toldOf(found, 15)[0], /^dangerous .* it allows nothing/);
  t.match(toldOf(found, 16)[0], /^dangerous .* everything is denied from here on/);
  t.same(rulesOf(found), ['deny all']);
});

t.test('translateAccess() denies everything where an include is lost, and names it', async (t) => {
  const found = await imported(t, [
    ...ACLS,
    'http_access allow a',
    'include gone/*.conf',
    'http_access allow p',
    'http_access deny all',
    'include gone.conf',
  ]);
  t.same(rulesOf(found), ['allow a', 'deny all']);
  t.match(found.yaml, / {2}# .*squid\.conf:6: include not readable, so everything is denied here\n/);
  t.match(toldOf(found, 6), [
    /^dangerous No file matches "gone\/\*\.conf"\. Rules may be missing, .* rule "include-not-readable"/,
  ]);
  t.equal(found.findings.find(({ line }) => line === 6)?.directive, 'include gone/*.conf');
  for (const line of [7, 8])
    t.same(toldOf(found, line), [
      'dropped Never reached: the include of line 6 cannot be read, so that everything is denied there',
    ]);
  t.match(toldOf(found, 9), [
    /^error Cannot read .*no such file\. Rules in it would never be reached: the include of line 6 /,
  ]);
});

t.test('translateAccess() names rules by what they say, each once', async (t) => {
  const found = await imported(t, [
    ...ACLS,
    'acl not-p port 80',
    'http_access allow a !p',
    'http_access allow a not-p',
    'http_access deny all',
  ]);
  t.same(
    found.config.access.map(({ name }: { name: string }) => name),
    ['allow-a-not-p', 'allow-a-not-p-2', 'deny-all'],
  );
  t.match(
    found.yaml,
    / {2}# .*squid\.conf:6\n {2}- \{ name: allow-a-not-p,/,
    'and says where they come from',
  );
});

t.test('translateAccess() names the file of a line that comes first, where it is another one', async (t) => {
  const found = await imported(
    t,
    [...ACLS, 'include more.conf', 'http_access allow a', 'http_access deny all'],
    {
      'more.conf': 'http_access allow a\n',
    },
  );
  t.match(toldOf(found, 6), [/^dropped Never reached: line 1 of ".*more\.conf" is the same$/]);
});

t.test('translateAccess() takes no line for a repeated one whose ACL is drawn anew for each', async (t) => {
  const lines = ['acl r random 1/2', 'http_access allow r', 'http_access deny r', 'http_access allow all'];
  const found = await imported(t, lines);
  t.same(rulesOf(found), ['deny all']);
  t.match(toldOf(found, 3), [/^dangerous Everything is denied from here on/]);
});
