import t from 'tap';
import { parse } from 'yaml';
import { access, acls, networks } from '#config/schema-acl.ts';

function paths(schema: typeof access | typeof acls, yaml: string): string[] {
  const { error } = schema.safeParse(parse(yaml));
  return error?.issues.map(({ path }) => path.join('.')) ?? [];
}

t.test('acls gives every key its type', async (t) => {
  const parsed = acls.parse(
    parse(`
a:
  src: [10.0.0.0/8, "::1"]
  dst: [192.0.2.1]
  dstDomains: [.x.com]
  ports: [443, 1025-65535]
  methods: [CONNECT, M-SEARCH]
  listeners: [main]
  time: { days: mon-fri, hours: ["09:00-12:00", "22:00-06:00"], timeZone: Asia/Shanghai }
b: { dstDomains: { file: domains.txt } }
c: { time: { days: [sun, sat] } }
`),
  );
  t.match(parsed, {
    a: {
      src: [{ text: '10.0.0.0/8' }, { text: '::1/128' }],
      dst: [{ text: '192.0.2.1/32' }],
      dstDomains: [{ reach: 'itself-and-below', name: 'x.com' }],
      ports: [
        { first: 443, last: 443 },
        { first: 1025, last: 65_535 },
      ],
      methods: ['CONNECT', 'M-SEARCH'],
      listeners: ['main'],
      time: {
        days: 0b011_1110,
        hours: [
          { start: 540, end: 720 },
          { start: 1320, end: 360 },
        ],
        timeZone: 'Asia/Shanghai',
      },
    },
    b: { dstDomains: { file: 'domains.txt' } },
    c: { time: { days: 0b100_0001, hours: undefined, timeZone: 'UTC' } },
  });
});

const BAD: Readonly<Record<string, readonly [yaml: string, path: string]>> = {
  'a network with host bits': ['a: { src: [10.0.0.1/8] }', 'a.src.0'],
  'an empty list': ['a: { dst: [] }', 'a.dst'],
  'a domain that is an address': ['a: { dstDomains: [10.0.0.1] }', 'a.dstDomains'],
  'a file without name': ['a: { dstDomains: { file: "" } }', 'a.dstDomains.file'],
  'a port that is none': ['a: { ports: [0] }', 'a.ports.0'],
  'a method that no client sends': ['a: { methods: [connect] }', 'a.methods.0'],
  'a method that nobody knows': ['a: { methods: [GET, FETCH-ALL] }', 'a.methods.1'],
  'a time that says nothing': ['a: { time: { timeZone: UTC } }', 'a.time'],
  'a day that is none': ['a: { time: { days: monday } }', 'a.time.days'],
  'hours that are none': ['a: { time: { hours: 9-18 } }', 'a.time.hours'],
  'a zone that is none': ['a: { time: { days: mon, timeZone: Mars } }', 'a.time.timeZone'],
  'a key that is not there yet': ['a: { namespaces: [api] }', 'a'],
  'a name in capitals': ['A: { ports: [1] }', 'A'],
};

for (const [what, [yaml, path]] of Object.entries(BAD)) {
  t.test(`acls refuses ${what}`, async (t) => {
    t.same(paths(acls, yaml), [path]);
  });
}

t.test('access takes rules, and leaves which keys go together to the cross-check', async (t) => {
  t.same(
    access.parse([{ name: 'x', allow: ['a', '!b'], limit: 'few', upgrade: ['websocket'] }, { name: 'y' }]),
    [{ name: 'x', allow: ['a', '!b'], limit: 'few', upgrade: ['websocket'] }, { name: 'y' }],
  );
  t.same(paths(access, '[]'), ['']);
  t.same(paths(access, '[{ allow: [], deny: all, upgrade: ["a b"], limits: x }]'), [
    '0.name',
    '0.allow',
    '0.deny',
    '0.upgrade.0',
    '0',
  ]);
});

t.test('networks are a list of networks', async (t) => {
  t.match(networks.parse(['10.0.0.0/8']), [{ text: '10.0.0.0/8' }]);
});

const METHODS: Readonly<Record<string, string>> = {
  connect: 'Method "connect" is unknown, write CONNECT',
  GTE: 'Method "GTE" is unknown, write GET',
  'FETCH-ALL': 'Method "FETCH-ALL" is unknown, write one that clients send, such as GET or CONNECT',
};

for (const [written, message] of Object.entries(METHODS)) {
  t.test(`acls.NAME.methods says what was meant by ${written}`, async (t) => {
    const { error } = acls.safeParse({ a: { methods: [written] } });
    t.match(error?.issues, [{ path: ['a', 'methods', 0], message }]);
  });
}
