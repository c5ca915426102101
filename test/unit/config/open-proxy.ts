import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { openProxyFlaws } from '#config/open-proxy.ts';
import { told } from '../../fixtures/config.ts';
import { claiming, EVERYWHERE, EXACTLY, OPEN, type PolicyParts } from '../../fixtures/open-policies.ts';

const NOW = Date.UTC(2026, 10, 23, 2);

/** What is said of a configuration. */
async function flaws({
  listeners = EVERYWHERE,
  acls = '{}',
  access,
  more = '',
}: PolicyParts): Promise<string[]> {
  const text = [
    `name: t\nlisteners: ${listeners}\nacls: ${acls}\naccess: ${access}`,
    `routes: [{ name: out, direct: true }]\nauth: { usersFile: users.txt }\n${more}`,
  ].join('\n');
  const directory = t.testdir({ 'users.txt': USER });
  return told(openProxyFlaws(await parseConfig(text, { file: `${directory}/t.yaml` }), NOW));
}

/** As `weir passwd` prints it. */
const USER = `alice:$scrypt$ln=10,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}\n`;

const SAID = new RegExp(
  '^listeners\\[0\\]\\.address: Listener "main" is an open proxy: rule "r" lets strangers, such as (\\S+), ' +
    'reach hosts that no rule names by ([A-Z]+)( to port .*)\\. ' +
    'Narrow that rule, for example by src or dstDomains, or write openProxy: true where it is meant$',
);

for (const [title, parts] of Object.entries(OPEN)) {
  // Attacks: no-open-proxy.
  t.test(`openProxyFlaws() finds a policy that allows ${title}`, async (t) => {
    const [found = '', ...more] = await flaws(parts);
    const [, client, method, rest] = SAID.exec(found) ?? [];
    t.ok(client, found);
    t.equal(`${method}${rest}`, EXACTLY[title] ?? 'CONNECT to port 443');
    t.same(more, []);
  });
}

const CLOSED: Readonly<Record<string, PolicyParts>> = {
  'listens on loopback only': {
    listeners: '[{ name: a, address: 127.0.0.1:1 }, { name: b, address: "[::1]:1" }]',
    access: '[{ name: r, allow: [all] }]',
  },
  'says that it is meant': { access: '[{ name: r, allow: [all] }]', more: 'openProxy: true' },
  'allows some clients only': {
    acls: '{ us: { src: [10.0.0.0/8, 8.0.0.0/8, "2a10::/16"] } }',
    access: '[{ name: r, allow: [us] }]',
  },
  'denies all other clients before': {
    acls: '{ us: { src: [10.0.0.0/8] } }',
    access: '[{ name: no, deny: ["!us"] }, { name: r, allow: [all] }]',
  },
  'allows some names only': {
    acls: '{ it: { dstDomains: [.example.com] } }',
    access: '[{ name: r, allow: [it] }]',
  },
  'allows some addresses only': {
    acls: '{ it: { dst: [93.184.216.0/24] } }',
    access: '[{ name: r, allow: [it] }]',
  },
  'allows known users only': { acls: '{ us: { users: ["*"] } }', access: '[{ name: r, allow: [us] }]' },
  'allows some pods only': { acls: '{ us: { namespaces: [api] } }', access: '[{ name: r, allow: [us] }]' },
  'allows the others of a loopback listener only': {
    listeners: '[{ name: main, address: 0.0.0.0:3128 }, { name: here, address: 127.0.0.1:3129 }]',
    acls: '{ it: { listeners: [here] } }',
    access: '[{ name: r, allow: [it] }]',
  },
  'allows servers by name, and verifies that it is them that are asked for': {
    acls: '{ it: { sni: [good.example] } }',
    access: '[{ name: no, deny: ["!it"] }, { name: r, allow: [it], sni: verify }]',
  },
  'asks of plain HTTP what TLS alone has': {
    acls: '{ it: { sni: [good.example], methods: [GET] } }',
    access: '[{ name: r, allow: [it] }]',
  },
  'believes what some load balancers say': {
    listeners: claiming('10.0.0.0/8, "fd00::/8"'),
    acls: '{ us: { src: [192.168.0.0/16] } }',
    access: '[{ name: r, allow: [us] }]',
  },
  'believes what anybody says of addresses, and asks for more': {
    listeners: claiming('0.0.0.0/0'),
    acls: '{ us: { src: [192.168.0.0/16], users: ["*"] }, pods: { namespaces: [api] } }',
    access: '[{ name: r, allow: [us] }, { name: s, allow: [pods] }]',
  },
  'knows some clients only': {
    acls: '{ us: { namespaces: [api] } }',
    access: '[{ name: r, allow: [us] }]',
    more: 'identity: { static: { 11.0.0.0/8: { namespace: api }, 0.0.0.0/0: { namespace: guests } } }',
  },
  'allows no more since a while': { access: '[{ name: r, allow: [all], until: 2026-11-01Z }]' },
  'only reports': { access: '[{ name: r, allow: [all], mode: report }]' },
};

for (const [title, parts] of Object.entries(CLOSED)) {
  t.test(`openProxyFlaws() has nothing to say where it ${title}`, async (t) => {
    t.same(await flaws(parts), []);
  });
}

t.test('openProxyFlaws() names each listener that is open', async (t) => {
  const listeners =
    '[{ name: a, address: 127.0.0.1:1 }, { name: b, address: 10.0.0.1:1 }, { name: c, address: "[::]:2" }]';
  const found = await flaws({ listeners, access: '[{ name: r, allow: [all] }]' });
  t.match(found, [/^listeners\[1\]\.address: .*"b"/, /^listeners\[2\]\.address: .*"c"/]);
});

// Attacks: no-open-proxy.
t.test('openProxyFlaws() takes anybody for a stranger where every network is spoken of', async (t) => {
  const src = Array.from({ length: 100 }, (_, i) => `${i + 1}.0.0.0/8`).join(', ');
  const acls = `{ many: { src: [${src}] } }`;
  t.equal((await flaws({ acls, access: '[{ name: r, allow: [many] }]' })).length, 1);
});
