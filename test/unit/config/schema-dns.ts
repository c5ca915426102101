import t from 'tap';
import { dns } from '#config/schema-dns.ts';

function issues(value: unknown): string[] {
  return dns.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('|')}: ${message}`) ?? [];
}

t.test('dns has a default for every key', async (t) => {
  t.same(dns.parse({}), {
    servers: [],
    hosts: {},
    hostsFile: '/etc/hosts',
    minTtl: 1000,
    maxTtl: 300_000,
    negativeTtl: 5000,
    staleTtl: 60_000,
    timeout: 3000,
  });
});

const SERVERS: Readonly<Record<string, string | undefined>> = {
  '10.0.0.10': '10.0.0.10:53',
  '10.0.0.10:5353': '10.0.0.10:5353',
  '2001:DB8::1': '[2001:db8::1]:53',
  '[2001:db8::1]:5353': '[2001:db8::1]:5353',
  '10.0.0.10:0': undefined,
  '10.0.0.10:65536': undefined,
  'dns.example.com': undefined,
  'dns.example.com:53': undefined,
  '': undefined,
};

for (const [written, server] of Object.entries(SERVERS)) {
  t.test(`dns.servers makes ${server ?? 'a problem'} of ${JSON.stringify(written)}`, async (t) => {
    const result = dns.safeParse({ servers: [written] });
    t.same(result.data?.servers, server && [server]);
    if (server === undefined)
      t.match(issues({ servers: [written] }), [/^servers\|0: Name server ".*" cannot be read/]);
  });
}

t.test('dns.hosts takes one address or a list, by canonical name', async (t) => {
  const { hosts } = dns.parse({ hosts: { 'A.example.COM.': '10.0.0.1', b: ['10.0.0.2', '::1'] } });
  t.match(hosts, { 'a.example.com': [{ text: '10.0.0.1' }], b: [{ text: '10.0.0.2' }, { text: '::1' }] });
});

t.test('dns.hosts reports bad names and bad addresses together', async (t) => {
  t.match(issues({ hosts: { '10.0.0.1': '10.0.0.2', 'a b': '10.0.0.2', c: ['x'], d: [] } }), [
    'hosts|10.0.0.1: Invalid key in record',
    'hosts|a b: Invalid key in record',
    'hosts|c: Invalid input',
    /^hosts\|d: Too small/,
  ]);
});

t.test('dns.hosts reports a name that is there twice in two spellings', async (t) => {
  t.same(issues({ hosts: { a: '10.0.0.1', A: '10.0.0.2' } }), [
    'hosts|A: Name "A" is there already, write all its addresses in one list',
  ]);
});

t.test('dns.minTtl is not longer than maxTtl', async (t) => {
  t.same(issues({ minTtl: '6m' }), ['minTtl: The shortest time is longer than maxTtl']);
  t.equal(dns.parse({ minTtl: '5m' }).minTtl, 300_000);
});

t.test('dns.minTtl is compared with maxTtl whatever else is wrong', async (t) => {
  const MESSAGE = 'minTtl: The shortest time is longer than maxTtl';
  t.match(issues({ minTtl: '6m', timeout: '0s' }), [/^timeout: /, MESSAGE]);
  t.match(issues({ minTtl: '6m', servers: ['x'] }), [/^servers/, MESSAGE]);
  t.match(issues({ minTtl: '6m', ttl: 1 }), [/Unrecognized key/, MESSAGE]);
  t.match(issues({ minTtl: 'x', maxTtl: '1m' }).length, 1, 'but not where one cannot be read');
  t.match(issues({ minTtl: '6m', maxTtl: 'x' }).length, 1);
});
