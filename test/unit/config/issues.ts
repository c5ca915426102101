import t from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';
import { flawsOf } from '#config/issues.ts';
import { jsonSchemaOf } from '#config/json-schema.ts';
import { configSchema } from '#config/schema.ts';
import { configText, told } from '../../fixtures/config.ts';

function flaws(text: string): string[] {
  const root: unknown = parse(text);
  return told(flawsOf(configSchema.safeParse(root).error?.issues ?? [], root));
}

/** By what is wrong: lines added to a good configuration, and what is said about them. */
const TABLE: Readonly<Record<string, readonly [lines: string, ...flaws: string[]]>> = {
  'nothing where all is well': [''],
  'an unknown key, with what was meant': ['logs: {}', 'logs (key): Unknown key "logs". Write "log"'],
  'unknown keys, with what there is': [
    'hop: { identity: {}, labels: [] }',
    'hop.identity (key): Unknown key "identity". Use one of: assert, trust',
    'hop.labels (key): Unknown key "labels". Use one of: assert, trust',
  ],
  'a missing key': [
    'hop: { trust: {} }',
    'hop.trust.from: Key "from" is missing. Add for example from: [gke_cluster]',
  ],
  'a number without unit': [
    'timeouts: { head: 10 }',
    'timeouts.head: Expected text, found a number. Write for example head: 5s',
  ],
  'a value of a wrong type': [
    'peers: { p: { address: x:1, hop: yes } }',
    'peers.p.hop: Expected true or false, found text. Write for example hop: true',
  ],
  'a mapping where a list belongs': [
    'guard: { allow: { a: b } }',
    'guard.allow: Expected a list, found a mapping. Write for example allow: [10.20.0.0/16]',
  ],
  'a key without value': [
    'dns: ',
    'dns: Expected a mapping, found nothing. Write for example dns: {servers: [10.0.0.10]}',
  ],
  'no alternative that fits': [
    'dns: { hosts: { a: 5 } }',
    'dns.hosts.a: Expected text or a list, found a number. Write for example hosts: {int-proxy.aibang.com: 10.128.2.100}',
  ],
  'the issues of the alternative that fits': [
    'dns: { hosts: { a: [10.0.0.1, x, 5] } }',
    'dns.hosts.a[1]: Address "x" cannot be read. Write an IP address such as "10.0.0.5"',
    'dns.hosts.a[2]: Expected text, found a number. Write for example hosts: {int-proxy.aibang.com: 10.128.2.100}',
  ],
  'a word that is not one of those allowed, with what was meant': [
    'log: { level: warning }',
    'log.level: Only trace, debug, info, warn, error can stand here. Write trace or debug or info or warn or error',
  ],
  'a word that is nearly one of those allowed': [
    'log: { level: inf }',
    'log.level: Only trace, debug, info, warn, error can stand here. Write info',
  ],
  'a word that is too short to be a slip': [
    'forward: { via: no }',
    'forward.via: Only on, off can stand here. Write on or off',
  ],
  'a number where a word belongs': [
    'log: { level: 30 }',
    'log.level: Only trace, debug, info, warn, error can stand here. Write trace or debug or info or warn or error',
  ],
  'a bad key of a mapping': [
    'dns: { hosts: { 10.0.0.1: 10.0.0.2 } }',
    'dns.hosts["10.0.0.1"] (key): Name "10.0.0.1" is an address. Write a host name',
  ],
  'a repeated key of a mapping': [
    'dns: { hosts: { a: 10.0.0.2, A: 10.0.0.2 } }',
    'dns.hosts.A (key): Name "A" is there already. Write all its addresses in one list',
  ],
  'an empty list': [
    'guard: { deny: [] }',
    'guard.deny: The list is empty. Write for example deny: [203.0.113.0/24]',
  ],
  'an empty text': [
    'log: { access: { path: "" } }',
    'log.access.path: The text is empty. Write for example path: /var/log/weir/access.log',
  ],
  'numbers that are too small, each in words of its own': [
    'peers: { p: { address: "x:1", weight: 0, maxTunnels: 0, standby: 0 } }',
    'peers.p.weight: A peer takes a share. Write a weight of at least 1',
    'peers.p.maxTunnels: A peer takes something. Write a number of at least 1',
    'peers.p.standby: One connection is the least. Write a number of at least 1',
  ],
  'a limit that lets nothing pass': [
    'limits: { l: { per: source, tunnels: 0 } }',
    'limits.l.tunnels: A limit lets something pass. Write a number of at least 1',
  ],
  'numbers that are too great': [
    'peers: { p: { address: "x:1", weight: 1001, maxTunnels: 1000001, standby: 1001 } }',
    'peers.p.weight: The weight is too great. Write at most 1000',
    'peers.p.maxTunnels: The number is too great. Write at most 1000000',
    'peers.p.standby: The number is too great. Write at most 1000',
  ],
  'numbers that are not exact, once': [
    'peers: { p: { address: "x:1", weight: -1.0e+300, standby: 1.0e+300 } }',
    'peers.p.weight: A peer takes a share. Write a weight of at least 1',
    'peers.p.standby: The number is too great. Write at most 1000',
  ],
  'numbers that are not whole, or none': [
    'peers: { p: { address: "x:1", weight: 1.5, standby: .inf, maxTunnels: .nan } }',
    'peers.p.weight: Expected a whole number, found a fraction. Write for example weight: 2',
    'peers.p.maxTunnels: Expected a number, found NaN. Write for example maxTunnels: 2000',
    'peers.p.standby: Expected a number, found Infinity. Write for example standby: 8',
  ],
  'a complaint of a parse function, with its own cure': [
    'guard: { deny: [10.1.2.3/8] }',
    'guard.deny[0]: Network "10.1.2.3/8" has host bits set. Write "10.0.0.0/8"',
  ],
  'a complaint of a parse function without cure': [
    'peers: { p: { address: vm-a } }',
    'peers.p.address: Cannot read authority "vm-a": a port from 1 to 65535 must follow the host. Write for example address: int-proxy-a.aibang.com:3128',
  ],
};

for (const [what, [lines, ...expected]] of Object.entries(TABLE)) {
  t.test(`flawsOf() tells ${what}`, async (t) => {
    t.same(flaws(configText(lines)), expected);
  });
}

t.test('flawsOf() knows the keys of an alternative', async (t) => {
  t.same(flaws(configText().replace('ports: [443]', 'dstDomains: { fil: x, file: x }')), [
    'acls.tls_ports.dstDomains.fil (key): Unknown key "fil". Write "file"',
  ]);
});

t.test('flawsOf() tells that a file is empty, or something else altogether', async (t) => {
  const fix = 'Write a mapping with the keys name, listeners, access and routes';
  t.same(flaws(''), [`: Expected a mapping, found nothing. ${fix}`]);
  t.same(flaws('- a'), [`: Expected a mapping, found a list. ${fix}`]);
});

t.test('flawsOf() has words for types that no YAML has', async (t) => {
  const issues = z.bigint().safeParse(Symbol.iterator).error?.issues ?? [];
  t.same(told(flawsOf(issues, Symbol.iterator)), [
    ': Expected bigint, found symbol. Write a mapping with the keys name, listeners, access and routes',
  ]);
});

t.test('flawsOf() takes its hints from the schema of another kind of file', async (t) => {
  const schema = z.strictObject({ tests: z.array(z.string()).meta({ example: '[a]' }) });
  const tell = (root: unknown): string[] =>
    told(flawsOf(schema.safeParse(root).error?.issues ?? [], root, jsonSchemaOf(schema)));
  t.same(tell(null), [': Expected a mapping, found nothing. Write a mapping with the key tests']);
  t.same(tell({ tests: 1 }), ['tests: Expected a list, found a number. Write for example tests: [a]']);
  t.same(tell({ tests: [], test: [] }), ['test (key): Unknown key "test". Write "tests"']);
  const free = z.object({}).safeParse(1).error?.issues ?? [];
  t.same(told(flawsOf(free, 1, {})), [
    ': Expected a mapping, found a number. Write a mapping with the keys ',
  ]);
});

t.test('flawsOf() tells false where nothing but true can stand', async (t) => {
  t.same(flaws(configText().replace('direct: true', 'direct: false')), [
    'routes[0].direct: Only true can stand here. Remove it, or write true',
  ]);
});
