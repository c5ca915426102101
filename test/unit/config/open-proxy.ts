import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { openProxyFlaws } from '#config/open-proxy.ts';
import { told } from '../../fixtures/config.ts';

const NOW = Date.UTC(2026, 10, 23, 2);

interface Parts {
  readonly listeners?: string;
  readonly acls?: string;
  readonly access: string;
  readonly more?: string;
}

const EVERYWHERE = '[{ name: main, address: 0.0.0.0:3128 }]';

/** Everywhere too, behind those of these networks who write PROXY headers. */
const claiming = (from: string): string =>
  `[{ name: main, address: 0.0.0.0:3128, proxyProtocol: { from: [${from}] } }]`;
/** All addresses. */
const SIXTEENTHS = Array.from({ length: 16 }, (_, i) => `${i * 16}.0.0.0/4`).join(', ');

/** What is said of a configuration. */
async function flaws({ listeners = EVERYWHERE, acls = '{}', access, more = '' }: Parts): Promise<string[]> {
  const text = [
    `name: t\nlisteners: ${listeners}\nacls: ${acls}\naccess: ${access}`,
    `routes: [{ name: out, direct: true }]\nauth: { usersFile: users.txt }\n${more}`,
  ].join('\n');
  const directory = t.testdir({ 'users.txt': USER });
  return told(openProxyFlaws(await parseConfig(text, { file: `${directory}/t.yaml` }), NOW));
}

/** As `weir passwd` prints it. */
const USER = `alice:$scrypt$ln=10,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}\n`;

const OPEN: Readonly<Record<string, Parts>> = {
  'everything to everybody': { access: '[{ name: r, allow: [all] }]' },
  'a port to everybody': { acls: '{ tls: { ports: [443] } }', access: '[{ name: r, allow: [tls] }]' },
  'an unusual port to everybody': {
    acls: '{ odd: { ports: [8443-9000] } }',
    access: '[{ name: r, allow: [odd] }]',
  },
  'a method to everybody': { acls: '{ post: { methods: [POST] } }', access: '[{ name: r, allow: [post] }]' },
  'plain HTTP to everybody': {
    acls: '{ http: { schemes: [http] } }',
    access: '[{ name: r, allow: [http] }]',
  },
  'everybody, as a network': {
    acls: '{ any: { src: [0.0.0.0/0, "::/0"] } }',
    access: '[{ name: r, allow: [any] }]',
  },
  'everybody, as two networks': {
    acls: '{ any: { src: [0.0.0.0/1, 128.0.0.0/1] } }',
    access: '[{ name: r, allow: [any] }]',
  },
  'everybody but some': {
    acls: '{ bad: { src: [11.0.0.0/8, 12.0.0.0/8] } }',
    access: '[{ name: no, deny: [bad] }, { name: r, allow: [all] }]',
  },
  'everything but some names and addresses': {
    acls: '{ bad: { dstDomains: [.example.com] }, in: { dst: [10.0.0.0/8] } }',
    access: '[{ name: no, deny: [bad] }, { name: r, allow: ["!in"] }]',
  },
  'whoever says a server name': {
    acls: '{ x: { sni: [good.example] } }',
    access: '[{ name: r, allow: [x] }]',
  },
  'whoever says another server name': {
    acls: '{ x: { sni: [bad.example] } }',
    access: '[{ name: r, allow: ["!x"] }]',
  },
  'whoever writes a PROXY header': {
    listeners: '[{ name: main, address: 0.0.0.0:3128, proxyProtocol: { from: [0.0.0.0/0] } }]',
    acls: '{ ours: { src: [10.0.0.0/8] }, tls: { ports: [443] } }',
    access: '[{ name: r, allow: [ours, tls] }]',
  },
  'whoever is in a table of everybody': {
    acls: '{ api: { namespaces: [api] } }',
    access: '[{ name: r, allow: [api] }]',
    more: 'identity: { static: { 0.0.0.0/0: { namespace: api } } }',
  },
  'whoever says none of some server names': {
    acls: '{ x: { sni: [bad.example] } }',
    access: '[{ name: no, deny: [x] }, { name: r, allow: [all] }]',
  },
  'whoever sends one field and not another': {
    acls: "{ good: { headers: { user-agent: ['^curl/'] } }, bad: { headers: { x-bad: { present: true } } } }",
    access: '[{ name: no, deny: ["!good"] }, { name: r, allow: [all, "!bad"] }]',
  },
  'whoever says a server name that is not one that another rule wants': {
    acls: '{ a: { sni: [a.example] }, b: { sni: [b.example] }, ours: { src: [10.0.0.0/8] } }',
    access: '[{ name: ours, allow: [ours, b] }, { name: r, allow: [a, "!b"] }]',
  },
  'whoever sends a field, beside who says the right server name to the right host': {
    acls: '{ it: { headers: { x-it: { present: true } } }, name: { sni: [good.example] } }',
    access: '[{ name: named, allow: [name], sni: verify }, { name: r, allow: [it], sni: verify }]',
  },
  'half of everybody': { acls: '{ half: { src: [128.0.0.0/1] } }', access: '[{ name: r, allow: [half] }]' },
  'whoever of many networks writes a PROXY header': {
    listeners: claiming(SIXTEENTHS),
    acls: '{ ours: { src: [10.0.0.0/8], ports: [443] }, bad: { src: [10.9.0.0/16] } }',
    access: '[{ name: r, allow: [ours, "!bad"] }]',
  },
  'whoever writes that it is a pod of a table': {
    listeners: claiming('"::/0", 128.0.0.0/1'),
    acls: '{ api: { namespaces: [api] } }',
    access: '[{ name: r, allow: [api] }]',
    more: 'identity: { static: { 10.1.0.0/16: { namespace: api } } }',
  },
  'whoever writes that it is a pod of a cluster': {
    listeners: claiming('0.0.0.0/0'),
    acls: '{ web: { podLabels: { app: [web] } } }',
    access: '[{ name: r, allow: [web] }]',
    more: 'kubernetes: { identity: true, apiServer: "https://10.0.0.1:6443" }',
  },
  'whoever writes that its pod is in a namespace of a cluster': {
    listeners: claiming('0.0.0.0/0'),
    acls: '{ web: { namespaceLabels: { team: [web] } } }',
    access: '[{ name: r, allow: [web] }]',
    more: 'kubernetes: { identity: true, apiServer: "https://10.0.0.1:6443" }',
  },
  'whoever is in a half of a table of everybody': {
    acls: '{ api: { namespaces: [api] } }',
    access: '[{ name: r, allow: [api] }]',
    more: 'identity: { static: { 0.0.0.0/1: { namespace: web }, 128.0.0.0/1: { namespace: api } } }',
  },
  'whoever is in one of many networks of a table': {
    acls: '{ api: { namespaces: [api] } }',
    access: '[{ name: r, allow: [api] }]',
    more: `identity: { static: { ${SIXTEENTHS.replaceAll('/4', '/4: { namespace: api }')} } }`,
  },
  'everybody in business hours': {
    acls: '{ hours: { time: { days: mon-fri, hours: "09:00-18:00" } } }',
    access: '[{ name: no, deny: ["!hours"] }, { name: r, allow: [all] }]',
  },
  'everybody who sends a field': {
    acls: "{ agent: { headers: { user-agent: ['^curl/'] } } }",
    access: '[{ name: r, allow: [agent] }]',
  },
  'everybody who sends a field to some port': {
    acls: "{ agent: { ports: [8443], headers: { user-agent: ['^curl/'] } } }",
    access: '[{ name: r, allow: [agent] }]',
  },
  'every name, as an expression': {
    acls: "{ any: { dstDomainRegex: ['.'] } }",
    access: '[{ name: r, allow: [any] }]',
  },
  'every URL, as an expression': {
    acls: "{ any: { urlRegex: ['^http://'] } }",
    access: '[{ name: r, allow: [any] }]',
  },
  'everybody of that listener': {
    acls: '{ it: { listeners: [main] } }',
    access: '[{ name: r, allow: [it] }]',
  },
};

for (const [title, parts] of Object.entries(OPEN)) {
  // Attacks: no-open-proxy.
  t.test(`openProxyFlaws() finds a policy that allows ${title}`, async (t) => {
    t.same(await flaws(parts), [
      'listeners[0].address: Whoever can connect to listener "main" may reach any destination, by rule "r": an open proxy. ' +
        'Narrow that rule, for example by src or dstDomains, or write openProxy: true where it is meant',
    ]);
  });
}

const CLOSED: Readonly<Record<string, Parts>> = {
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
