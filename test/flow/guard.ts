/** The guard end to end: special-purpose addresses, own addresses and special names are not dialled, whatever a rule allows. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { freePort } from '../../scripts/lib/ports.ts';
import { RawClient } from '../fixtures/client.ts';
import { RCODE, startDnsServer } from '../fixtures/dns-server.ts';
import { echoOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

/** Head of the answer. */
async function ask(proxy: TestProxy, target: string, method = 'CONNECT'): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  const asked = method === 'CONNECT' ? target : `http://${target}/`;
  client.send(`${method} ${asked} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const head = await client.head();
  client.end();
  return head;
}

const PROHIBITED =
  /^HTTP\/1\.1 403 Special-purpose address refused \(t\)\r\n(.+\r\n)*Proxy-Status: t;error=destination_ip_prohibited;details="address_prohibited rule=everything"\r\n/;
const PASSED = /^HTTP\/1\.1 200 /;

const SPECIAL = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:10.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[fd00::1]',
  '[fe80::1]',
  '[fd20:ce::254]',
];

for (const method of ['CONNECT', 'GET']) {
  // Attacks: same-address.
  t.test(`${method} to a special-purpose address is refused, written or resolved`, async (t) => {
    const hosts = SPECIAL.map((text, i) => `s${i}.example: "${text.replace(/[[\]]/g, '')}"`).join(', ');
    await using proxy = await startProxy(
      yamlOf({ guard: '{}', dns: `{ hostsFile: none, hosts: { ${hosts} } }` }),
    );
    for (const [i, text] of SPECIAL.entries()) {
      t.match(await ask(proxy, `${text}:80`, method), PROHIBITED, text);
      t.match(await ask(proxy, `s${i}.example:80`, method), PROHIBITED, `a name that leads to ${text}`);
    }
    const records = await proxy.ended(2 * SPECIAL.length);
    t.ok(records.every(({ reason, outcome }) => reason === 'address_prohibited' && outcome === 'denied'));
    t.match(records[0]?.detail, /127\.0\.0\.1 \(loopback/);
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0, 'nobody was dialled');
  });
}

t.test('guard.allow lets pass what it names, guard.deny refuses even that', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yamlOf({ guard: '{ allow: [127.0.0.0/8], deny: [127.0.0.2] }' }));
  t.match(await ask(proxy, `127.0.0.1:${origin.port}`), PASSED);
  t.match(await ask(proxy, `127.0.0.2:${origin.port}`), PROHIBITED);
  t.match(await ask(proxy, `[::ffff:127.0.0.2]:${origin.port}`), PROHIBITED);
});

// Attacks: same-address.
t.test('of several addresses only those that the guard lets pass are dialled', async (t) => {
  await using good = await rawOrigin('127.0.0.1', await freePort());
  await using bad = await rawOrigin('127.0.0.2', good.port);
  const dns =
    '{ hostsFile: none, hosts: { mixed.example: [127.0.0.2, 10.0.0.1, 127.0.0.1], bad.example: [127.0.0.2, 10.0.0.1] } }';
  await using proxy = await startProxy(yamlOf({ guard: '{ allow: [127.0.0.1] }', dns }));
  for (const method of ['CONNECT', 'GET']) {
    const asking = ask(proxy, `mixed.example:${good.port}`, method);
    const far = await good.accept();
    if (method === 'GET') far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    t.match(await asking, PASSED);
    far.end();
    t.match(await ask(proxy, `bad.example:${good.port}`, method), PROHIBITED);
  }
  t.equal(bad.accepted, 0);
  const records = await proxy.ended(4);
  t.match(
    records.find(({ host }) => host === 'mixed.example'),
    {
      upstreamIp: '127.0.0.1',
      detail: /The guard refuses 127\.0\.0\.2 \(.*\), 10\.0\.0\.1 \(.*\)/,
    },
  );
});

// Attacks: no-loop.
t.test('own listeners and the admin address are refused even where guard.allow names them', async (t) => {
  await using admin = await rawOrigin();
  const { port } = admin;
  await using proxy = await startProxy(
    yamlOf({
      listeners: '[{ name: main, address: 127.0.0.1:0 }, { name: any, address: 0.0.0.0:0 }]',
      admin: `{ address: 127.0.0.1:${port} }`,
    }),
  );
  const [main, any] = proxy.proxy.listeners.all.map(({ address }) => address.port);
  for (const method of ['CONNECT', 'GET']) {
    for (const target of [
      `127.0.0.1:${main}`,
      `0.0.0.0:${main}`,
      `127.0.0.1:${any}`,
      `127.9.9.9:${any}`,
      `[::1]:${any}`,
      `origin.example:${main}`,
      `127.0.0.1:${port}`,
    ]) {
      t.match(await ask(proxy, target, method), PROHIBITED, target);
    }
  }
  t.match((await proxy.ended(14))[0]?.detail, /\(own listener\)/);
  t.equal(admin.accepted, 0);
});

// Attacks: no-loop.
t.test('an admin address whose port the system chose is refused, also after a reload', async (t) => {
  await using admin = await rawOrigin();
  const yaml = yamlOf({
    listeners: '[{ name: main, address: 127.0.0.1:0 }]',
    admin: '{ address: 127.0.0.1:0 }',
  });
  await using proxy = await startProxy(yaml, { adminPort: admin.port });
  const target = `127.0.0.1:${admin.port}`;
  t.match(await ask(proxy, target), PROHIBITED);
  t.match(await ask(proxy, target, 'GET'), PROHIBITED);
  await proxy.proxy.adopt(await parseConfig(yaml, {}));
  t.match(await ask(proxy, target), PROHIBITED);
  t.match((await proxy.ended(3))[2]?.detail, /\(own listener\)/);
  t.equal(admin.accepted, 0);
});

const NAMES = [
  'localhost',
  'a.localhost',
  'printer.local',
  'svc.ns.svc.cluster.local',
  'x.internal',
  'metadata.google.internal',
  'x.test',
  'x.onion',
  'metadata',
];

t.test('special names are refused unless the rule names their domain', async (t) => {
  await using origin = await echoOrigin();
  const hosts = NAMES.map((name) => `${name}: 127.0.0.1`).join(', ');
  const dns = `{ hostsFile: none, hosts: { ${hosts}, origin.example: 127.0.0.1 } }`;
  await using closed = await startProxy(yamlOf({ dns }));
  const domains = NAMES.map((name) => `.${name.split('.').at(-1)}`).join(', ');
  await using open = await startProxy(
    yamlOf({
      dns,
      acls: `{ special: { dstDomains: [${domains}] } }`,
      access: '[{ name: special, allow: [special] }]',
    }),
  );
  for (const name of NAMES) {
    const answer = await ask(closed, `${name}:${origin.port}`);
    t.match(answer, /^HTTP\/1\.1 403 Special name refused \(t\)\r\n/, name);
    t.match(answer, ';error=destination_ip_prohibited;');
    t.match(await ask(open, `${name}:${origin.port}`), PASSED, `${name}, named by the rule`);
  }
  t.ok(
    (await closed.ended(NAMES.length)).every(
      ({ reason, dnsMs }) => reason === 'name_prohibited' && dnsMs === undefined,
    ),
  );
});

t.test('a name that cannot be resolved is told by what became of it', async (t) => {
  const rcodes: Readonly<Record<string, number>> = {
    'nx.example': RCODE.nxDomain,
    'fail.example': RCODE.servFail,
    'no.example': RCODE.refused,
  };
  await using server = await startDnsServer(({ name }) =>
    name === 'silent.example' ? undefined : { rcode: rcodes[name] ?? 0 },
  );
  await using proxy = await startProxy(
    yamlOf({ dns: `{ hostsFile: none, servers: ["${server.address}"], timeout: 300ms }` }),
  );
  for (const name of [...Object.keys(rcodes), 'nodata.example']) {
    const answer = await ask(proxy, `${name}:443`);
    t.match(answer, /^HTTP\/1\.1 502 Name cannot be resolved \(t\)\r\n/, name);
    t.match(answer, ';error=dns_error;');
  }
  const silent = await ask(proxy, 'silent.example:443');
  t.match(silent, /^HTTP\/1\.1 504 Name resolution timed out \(t\)\r\n/);
  t.match(silent, ';error=dns_timeout;');
  const records = await proxy.ended(5);
  t.match(records, [
    ...Array(4).fill({ outcome: 'failed', reason: 'dns_error', status: 502 }),
    { reason: 'dns_timeout', status: 504 },
  ]);
  t.ok(records.every(({ dnsMs }) => (dnsMs ?? 0) > 0));
});
