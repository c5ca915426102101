import fc from 'fast-check';
import t from 'tap';
import { REASONS } from '#errors.ts';
import { lastProxyStatus, proxyStatusMembers, renderProxyStatus } from '#net/proxy-status.ts';

t.test('renderProxyStatus() writes one member with its parameters', async (t) => {
  t.equal(renderProxyStatus({ hop: 't1' }), 't1');
  t.equal(
    renderProxyStatus({
      hop: 't1.example:3128',
      error: 'http_request_denied',
      nextHop: 'vm-a:3128',
      receivedStatus: 403,
      details: 'rule_denied rule=unsafe-port',
    }),
    't1.example:3128;error=http_request_denied;next-hop="vm-a:3128";received-status=403;details="rule_denied rule=unsafe-port"',
  );
});

t.test('renderProxyStatus() quotes a name that is no token', async (t) => {
  for (const hop of ['1st', 'a b', '', 'a;b', '"']) t.match(renderProxyStatus({ hop }), /^".*"$/, hop);
  for (const hop of ['*', 'T1', 'a1!#$%&’*+-.^_`|~:/'.replace('’', "'")]) {
    t.equal(renderProxyStatus({ hop }), hop);
  }
});

// Attacks: no-forged-word.
t.test(
  'renderProxyStatus() escapes what would end a string, and leaves out what may not be in one',
  async (t) => {
    t.equal(renderProxyStatus({ hop: 't', details: 'a"b\\c\r\nü' }), 't;details="a\\"b\\\\c???"');
  },
);

const READ: readonly [what: string, lines: readonly string[], expected: unknown][] = [
  ['nothing where there is none', [], undefined],
  ['nothing in an empty field', [''], undefined],
  ['nothing behind a last comma', ['t1, '], undefined],
  ['a name alone', ['t2'], { hop: 't2', error: undefined, details: undefined }],
  ['a quoted name', ['"t \\" 2";error=dns_error'], { hop: 't " 2', error: 'dns_error', details: undefined }],
  ['the last member of a line', ['origin;error=dns_error, t2;details="x"'], { hop: 't2', details: 'x' }],
  ['the last line', ['t3;error=dns_error', 't2'], { hop: 't2', error: undefined }],
  [
    'commas and semicolons in strings as text',
    ['t2; error=dns_error ;details="a, b; error=c"'],
    { hop: 't2', error: 'dns_error', details: 'a, b; error=c' },
  ],
  [
    'the status that was received',
    ['t2;next-hop="a";received-status=407'],
    { receivedStatus: 407, error: undefined },
  ],
  ['a status that is none as nothing', ['t2;received-status="40x"'], { receivedStatus: undefined }],
  ['parameters it does not know as nothing', ['t2;xerror=a;err=b;error=c'], { error: 'c' }],
];

for (const [what, lines, expected] of READ) {
  t.test(`lastProxyStatus() reads ${what}`, async (t) => {
    const headers = lines.flatMap((line) => ['Proxy-Status', line, 'X-Other', 'y']);
    const status = lastProxyStatus(headers);
    if (expected === undefined) t.equal(status, undefined);
    else t.match(status, expected as object);
  });
}

// Attacks: no-forged-word.
t.test('lastProxyStatus() is not deceived by a quote that an origin leaves open', async (t) => {
  const forged = 'evil;error=proxy_internal_error;details="';
  t.strictSame(lastProxyStatus(['proxy-status', forged, 'Proxy-Status', 't2;received-status=200']), {
    hop: 't2',
    error: undefined,
    receivedStatus: 200,
    details: undefined,
  });
});

t.test('proxyStatusMembers() reads every member, line by line', async (t) => {
  const lines = ['evil;details="', 't3;error=dns_error;next-hop="a:1", ,t2', 't1;received-status=502'];
  const headers = lines.flatMap((line) => ['Proxy-Status', line]);
  t.match(proxyStatusMembers(headers), [
    { hop: 'evil', nextHop: undefined },
    { hop: 't3', error: 'dns_error', nextHop: 'a:1' },
    { hop: 't2' },
    { hop: 't1', receivedStatus: 502 },
  ]);
  t.same(proxyStatusMembers([]), []);
});

const TYPES = [...new Set(Object.values(REASONS).map(({ type }) => type))];
const TEXT = fc.string({ unit: fc.constantFrom(...' az,;="\\t2:{}~'.split('')) });

t.test('lastProxyStatus() reads back what renderProxyStatus() wrote, whatever stood before it', async (t) => {
  const status = fc.record({
    hop: TEXT.filter((hop) => hop !== ''),
    error: fc.constantFrom(...TYPES),
    nextHop: fc.option(TEXT, { nil: undefined }),
    receivedStatus: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
    details: fc.option(TEXT, { nil: undefined }),
  });
  fc.assert(
    fc.property(status, fc.array(status), fc.array(fc.string()), (own, before, lines) => {
      const line = [...before, own].map(renderProxyStatus).join(', ');
      const headers = [...lines, line].flatMap((value) => ['Proxy-Status', value]);
      const { hop, error, receivedStatus, details } = own;
      t.strictSame(lastProxyStatus(headers), { hop, error, receivedStatus, details });
    }),
    { seed: 20_261_129 },
  );
});
