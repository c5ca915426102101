import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { requestKeys } from '#config/schema-acl-request.ts';

const schema = z.strictObject(requestKeys);

t.test('requestKeys give every key its type', async (t) => {
  const yaml = `
dst: [192.0.2.1]
dstDomains: [.x.com]
dstDomainRegex: ['^a', b$]
urlRegex: { file: urls.txt }
ports: [443, 1025-65535]
methods: [CONNECT, M-SEARCH]
schemes: [http]
headers: { User-Agent: ['^curl/'], cookie: { present: true } }
sni: [.x.com]
time: { days: mon }
`;
  t.match(schema.parse(parse(yaml)), {
    dst: [{ text: '192.0.2.1/32' }],
    dstDomains: [{ reach: 'itself-and-below', name: 'x.com' }],
    dstDomainRegex: [{ text: '^a' }, { text: 'b$' }],
    urlRegex: { file: 'urls.txt' },
    ports: [{ text: '443' }, { text: '1025-65535' }],
    methods: ['CONNECT', 'M-SEARCH'],
    schemes: ['http'],
    headers: { 'user-agent': { patterns: [{ text: '^curl/' }] }, cookie: { present: true } },
    sni: [{ text: '.x.com' }],
    time: { days: 2, timeZone: 'UTC' },
  });
  t.same(schema.parse({}), {});
  t.same(schema.parse({ dstDomains: { file: 'domains.txt' } }), { dstDomains: { file: 'domains.txt' } });
});

const BAD: Readonly<Record<string, readonly [yaml: string, path: string]>> = {
  'an empty list': ['{ dst: [] }', 'dst'],
  'a domain that is an address': ['{ dstDomains: [10.0.0.1] }', 'dstDomains'],
  'a file without name': ['{ dstDomains: { file: "" } }', 'dstDomains.file'],
  'a port that is none': ['{ ports: [0] }', 'ports.0'],
  'a method that no client sends': ['{ methods: [connect] }', 'methods.0'],
  'a method that nobody knows': ['{ methods: [GET, FETCH-ALL] }', 'methods.1'],
  'a pattern that is none': ["{ dstDomainRegex: ['(a)\\1'] }", 'dstDomainRegex'],
  'patterns that cost too much': ["{ urlRegex: ['a{999}', 'b{999}'] }", 'urlRegex'],
  'a file of patterns without name': ['{ urlRegex: { file: "" } }', 'urlRegex.file'],
  'a scheme that no request has': ['{ schemes: [https] }', 'schemes.0'],
  'fields without a name': ['{ headers: {} }', 'headers'],
  'a field that is absent': ['{ headers: { x-a: { present: false } } }', 'headers.x-a'],
  'a field with a secret': ['{ headers: { cookie: [x] } }', 'headers'],
  'a server name that is an address': ['{ sni: [10.0.0.1] }', 'sni.0'],
};

for (const [what, [yaml, path]] of Object.entries(BAD)) {
  t.test(`requestKeys refuses ${what}`, async (t) => {
    const { error } = schema.safeParse(parse(yaml));
    t.same(
      error?.issues.map((issue) => issue.path.join('.')),
      [path],
    );
  });
}

const METHODS: Readonly<Record<string, string>> = {
  connect: 'Method "connect" is unknown, write CONNECT',
  GTE: 'Method "GTE" is unknown, write GET',
  'FETCH-ALL': 'Method "FETCH-ALL" is unknown, write one that clients send, such as GET or CONNECT',
};

for (const [written, message] of Object.entries(METHODS)) {
  t.test(`requestKeys say what was meant by ${written}`, async (t) => {
    const { error } = schema.safeParse({ methods: [written] });
    t.match(error?.issues, [{ path: ['methods', 0], message }]);
  });
}
