/** The rules of our examples in Squid's words: the same questions in the same order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { type Policy, squidAccess } from '../../../../bench/subjects/squid-conf.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../examples');

t.test('squidAccess() says examples/t1.yaml', async (t) => {
  const policy = parse(readFileSync(join(EXAMPLES, 't1.yaml'), 'utf8')) as Policy;
  const lines = squidAccess(policy);
  t.same(
    lines.filter((line) => line.startsWith('http_access')),
    [
      ...policy.access.map(
        ({ allow, deny }) => `http_access ${allow ? 'allow' : 'deny'} ${(allow ?? deny)?.join(' ')}`,
      ),
      'http_access deny all',
    ],
    'every rule in order, and then the default',
  );
  t.ok(policy.access.length >= 5, 'the example was read');
  t.ok(lines.includes('acl microsoft dstdomain .microsoft.com login.microsoftonline.com'));
  t.ok(lines.includes('acl safe_ports port 80 443 1025-65535'));
  t.ok(lines.includes('acl connect method CONNECT'));
});

t.test('squidAccess() says lists in files, the time, and ACLs of several matchers', async (t) => {
  const lines = squidAccess({
    acls: {
      listed: { dstDomains: { file: '/tmp/domains.txt' } },
      always: { time: { days: 'sun-sat', hours: '00:00-24:00', timeZone: 'Asia/Shanghai' } },
      both: { src: ['127.0.0.0/8'], ports: [443] },
    },
    access: [{ allow: ['listed', 'always', '!both'] }],
  });
  t.same(lines, [
    'acl listed dstdomain "/tmp/domains.txt"',
    'acl always time SMTWHFA 00:00-24:00',
    'acl both_src src 127.0.0.0/8',
    'acl both_ports port 443',
    'acl both all-of both_src both_ports',
    'http_access allow listed always !both',
    'http_access deny all',
  ]);
});

t.test(
  'squidAccess() leaves out what Squid has no word for, and refuses a time that is not now',
  async (t) => {
    const lines = squidAccess({
      acls: { pods: { namespaces: ['api'] }, here: { src: ['127.0.0.0/8'] } },
      access: [{ deny: ['!pods'] }, { allow: ['here', 'pods'] }],
    });
    t.same(lines, ['acl here src 127.0.0.0/8', 'http_access allow here', 'http_access deny all']);
    const acls = { open: { time: { days: 'mon-fri', hours: '09:00-18:00' } } };
    t.throws(() => squidAccess({ acls, access: [{ allow: ['open'] }] }), /Cannot say the days "mon-fri"/);
  },
);
