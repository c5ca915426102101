import t from 'tap';
import { imported, toldOf } from '../../fixtures/imported.ts';

const POLICY = ['acl net src 10.0.0.0/8', 'http_access deny CONNECT !net', 'http_access deny all'];

const INFO: Readonly<Record<string, readonly [line: string, message: string | undefined, told: RegExp]>> = {
  'an address is a message': [
    'https://help.example.com/x Net',
    'See https://help.example.com/x',
    /^changed Weir redirects nobody/,
  ],
  'and so is one with a status': ['302:http://a.example/ net', 'See http://a.example/', /^changed /],
  'but not one with codes': ['http://a.example/?u=%u net', undefined, /^changed The address has codes/],
  'nor one with credentials': ['http://me:x@a.example/ net', undefined, /^changed The address has codes/],
  'a page is for a person': [
    'ERR_NET net',
    undefined,
    /^changed The page is a file of HTML.*"deny-connect-not-net"/,
  ],
  'and so is a reset': ['TCP_RESET net', undefined, /^changed Weir answers 403/],
  'the last ACL of a line counts': ['http://a.example/ CONNECT', undefined, /^dropped No rule that denies/],
};

for (const [title, [line, message, told]] of Object.entries(INFO)) {
  t.test(`deny_info: ${title}`, async (t) => {
    const found = await imported(t, [...POLICY, `deny_info ${line}`]);
    t.equal(found.config.access[0].message, message);
    t.equal(found.config.access[1].message, undefined);
    t.match(toldOf(found, 4)[0], told);
  });
}

t.test('deny_info: the first of several counts', async (t) => {
  const found = await imported(t, [
    ...POLICY,
    'deny_info http://a.example/ net',
    'deny_info http://b.example/ net',
  ]);
  t.equal(found.config.access[0].message, 'See http://a.example/');
});
