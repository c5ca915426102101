import t from 'tap';
import { parse } from 'yaml';
import { imported, toldOf } from '../../fixtures/imported.ts';

async function forwardOf(...lines: readonly string[]): Promise<unknown> {
  return parse((await imported(t, lines)).yaml).forward;
}

const TABLE: Readonly<Record<string, readonly [lines: readonly string[], forward: unknown]>> = {
  'nothing to say': [['via on', 'forwarded_for delete'], undefined],
  'via off': [['via off'], { via: 'off' }],
  'forwarded_for on': [['forwarded_for on'], { forwarded: 'on' }],
  'fields that are refused to everybody': [
    ['request_header_access Referer deny all', 'request_header_access X-Team deny all'],
    { strip: ['Referer', 'X-Team'] },
  ],
  'a field that is refused twice': [
    ['request_header_access Referer deny all', 'request_header_access referer deny all'],
    { strip: ['Referer'] },
  ],
  'a field with exceptions': [
    [
      'acl a dstdomain a.example',
      'request_header_access Referer allow a',
      'request_header_access Referer deny all',
    ],
    undefined,
  ],
  'Via by its name': [['request_header_access Via deny all'], { via: 'off' }],
  'fields that have to stay': [
    ['request_header_access Host deny all', 'request_header_access All deny all', 'request_header_access'],
    undefined,
  ],
};

for (const [what, [lines, forward]] of Object.entries(TABLE)) {
  t.test(`forward of ${what}`, async (t) => t.same(await forwardOf(...lines), forward));
}

t.test('what is behind an exception is told of as not carried over', async (t) => {
  const lines = [
    'acl a dstdomain a.example',
    'request_header_access X allow a',
    'request_header_access X deny all',
  ];
  const found = await imported(t, lines);
  for (const line of [2, 3])
    t.match(toldOf(found, line)[0], /^changed Not carried over: Weir removes X from all/);
});

t.test('what Weir removes by itself is told of, whether Squid removes it or not', async (t) => {
  const lines = [
    'request_header_access X-Envoy-Attempt-Count deny all',
    'request_header_access X-Auth-Request-User allow all',
  ];
  const found = await imported(t, lines);
  t.match(
    toldOf(found, 1)[0],
    /^same Weir removes X-Envoy-Attempt-Count by itself, unless forward.forwarded/,
  );
  t.match(toldOf(found, 2)[0], /^changed Not carried over: Weir removes X-Auth-Request-User, unless/);
  t.equal(parse(found.yaml).forward, undefined);
});
