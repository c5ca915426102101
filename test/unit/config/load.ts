import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import t from 'tap';
import { loadConfig, parseConfig } from '#config/load.ts';
import { ConfigError } from '#config/problems.ts';
import { complaints, config, configText } from '../../fixtures/config.ts';

t.test('loadConfig() loads a file and what it names', async (t) => {
  const directory = t.testdir({
    't1.yaml': configText('').replace('ports: [443]', 'dstDomains: { file: d.txt }'),
    'd.txt': '.a.com\n',
  });
  const loaded = await loadConfig(join(directory, 't1.yaml'));
  t.equal(loaded.file, join(directory, 't1.yaml'));
  t.match(loaded.policy.acls, { tls_ports: { dstDomains: [{ text: '.a.com' }] } });
  t.same([...loaded.files].sort(), [join(directory, 'd.txt'), join(directory, 't1.yaml')]);
  t.ok(Object.isFrozen(loaded));
});

t.test('loadConfig() loads a stream by the name that it is given', async (t) => {
  const { name } = await loadConfig('<stdin>', Readable.from([Buffer.from(configText())]));
  t.equal(name, 't1');
  const [line] = await complaints(loadConfig('<stdin>', Readable.from([Buffer.of(0xe4)])));
  t.match(line, /^<stdin>:1:1: Cannot read "<stdin>": not UTF-8 text\. /);
});

const OPEN =
  'name: t\nlisteners: [{ name: main, address: 0.0.0.0:1 }]\naccess: [{ name: r, allow: [all] }]\nroutes: [{ name: out, direct: true }]';

// Attacks: no-open-proxy.
t.test(
  'loadConfig() and parseConfig() refuse an open proxy where it is to be served, with its place',
  async (t) => {
    const file = join(t.testdir({ 't.yaml': OPEN }), 't.yaml');
    t.equal((await loadConfig(file)).name, 't');
    const told = [
      /^.*:2:36: listeners\[0\]\.address: .* an open proxy: rule "r" .* \(value "0\.0\.0\.0:1"\)\. Narrow/,
    ];
    t.match(await complaints(loadConfig(file, undefined, { isServed: true })), told);
    t.match(await complaints(parseConfig(OPEN, { isServed: true })), told);
    t.equal((await parseConfig(`${OPEN}\nopenProxy: true`, { isServed: true })).name, 't');
  },
);

t.test('loadConfig() rejects a file that cannot be read', async (t) => {
  const directory = t.testdir({ latin: Buffer.of(0xe4) });
  const fix = 'Name a configuration file that can be read';
  t.same(await complaints(loadConfig(directory)), [
    `${directory}:1:1: Cannot read "${directory}": it is a directory. ${fix}`,
  ]);
  const latin = join(directory, 'latin');
  t.same(await complaints(loadConfig(latin)), [
    `${latin}:1:1: Cannot read "${latin}": not UTF-8 text. ${fix}`,
  ]);
});

t.test('parseConfig() has the same hash for the same meaning', async (t) => {
  const { hash } = await config();
  t.equal((await config('# a comment', 'timeouts: { idle: 900s }')).hash, hash);
  t.not((await config('timeouts: { idle: 901s }')).hash, hash);
});

t.test('parseConfig() goes no further where the text is no YAML', async (t) => {
  t.same(await complaints(parseConfig('name: [\n', { file: 't1.yaml' })), [
    't1.yaml:2:1: Not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]. Check indentation, brackets and quotes',
  ]);
});

/** A line of the file, then the place and the words of each problem in it. */
const MISTAKES: readonly (readonly [line: string, ...problems: string[]])[] = [
  [
    'nmae: t1',
    '1:1: name: Key "name" is missing. Add for example name: t1',
    '1:1: nmae: Unknown key "nmae". Write "name"',
  ],
  ['listeners:'],
  ['  - { name: main, address: 0.0.0.0:3128 }'],
  [
    '  - { name: main, address: 127.0.0.1:3128 }',
    '4:13: listeners[1].name: Name is already used at listeners[0].name (value "main"). Give each a name of its own',
    '4:28: listeners[1].address: Address is already taken by listeners[0].address (value "127.0.0.1:3128"). Choose another port',
  ],
  [
    'admin: { address: localhost }',
    '5:19: admin.address: Address "localhost" cannot be listened on (value "localhost"). Write an IP address and port such as "0.0.0.0:3128"',
  ],
  ['acls:'],
  [
    '  localnet: { src: [10.128.0.0/14, 10.1.2.3/8] }',
    '7:36: acls.localnet.src[1]: Network "10.1.2.3/8" has host bits set (value "10.1.2.3/8"). Write "10.0.0.0/8"',
  ],
  ['  public: { dst: [20.0.0.0/8] }'],
  [
    '  listed: { dstDomains: { file: domains.txt } }',
    'domains.txt:2:3: acls.listed.dstDomains.file: Domain "http://x.com/" is no host name (value "http://x.com/"). Write a host name without scheme, port and path',
    'domains.txt:3:1: acls.listed.dstDomains.file: Domain "10.0.0.1" is an address (value "10.0.0.1"). Write it under "dst"',
  ],
  [
    '  missing: { dstDomains: { file: nowhere.txt } }',
    '10:34: acls.missing.dstDomains.file: Cannot read "DIRECTORY/nowhere.txt": no such file (value "nowhere.txt"). Check the name; relative ones begin at the directory of this file',
  ],
  [
    '  hours: { time: { days: mon-fri, hours: 9-18 } }',
    '11:42: acls.hours.time.hours: Hours "9-18" cannot be read (value "9-18"). Write a range from 00:00 to 24:00 such as "09:00-18:00"',
  ],
  ['access:'],
  [
    '  - { name: a, deny: ["!localnett"] }',
    '13:23: access[0].deny[0]: ACL "localnett" is not defined (value "!localnett"). Write "localnet", or define it',
  ],
  [
    '  - { name: b, deny: [!localnet] }',
    '14:23: !localnet without quotes is a YAML tag. Write "!localnet" in quotes',
  ],
  [
    '  - { name: a, allow: [public], allow: [listed], upgrade: [""] }',
    '15:13: access[2].name: Name is already used at access[0].name (value "a"). Give each a name of its own',
    '15:33: Duplicate key. Keep one of the two',
    '15:60: access[2].upgrade[0]: A protocol is a name such as websocket, or name/version (value ""). Write for example upgrade: [websocket]',
  ],
  [
    '  - { name: c, allow: [public] }',
    '16:24: access[3].allow[0]: ACL "public" judges the resolved address, but route "out" lets its peers resolve (value "public"). Write resolve: here in route "out", or judge names by dstDomains',
  ],
  ['routes:'],
  [
    '  - { name: out, peers: [vm-a], balance: fastest }',
    '18:26: routes[0].peers[0]: Peer "vm-a" is not defined (value "vm-a"). Define one under peers',
    '18:42: routes[0].balance: Only failover, roundRobin, leastTunnels, sourceHash, domainHash can stand here (value "fastest"). Write failover or roundRobin or leastTunnels or sourceHash or domainHash',
  ],
  [
    'timeouts: { head: 10, idle: 15 minutes }',
    '19:19: timeouts.head: Expected text, found a number (value 10). Write for example head: 5s',
    '19:29: timeouts.idle: Duration "15 minutes" cannot be read (value "15 minutes"). Write a whole number with a unit (ms, s, m, h, d) such as "30s"',
  ],
  [
    'colour: {}',
    '20:1: colour: Unknown key "colour". Use one of: name, workers, listeners, openProxy, admin, acls, access, auth, limits, peers, routes, forward, cache, dns, guard, identity, kubernetes, hop, log, timeouts',
  ],
];

t.test(
  'loadConfig() reports all mistakes of a file and of those it names at once, each with its place',
  async (t) => {
    const directory = t.testdir({
      't1.yaml': MISTAKES.map(([line]) => line).join('\n'),
      'domains.txt': '.a.com\n  http://x.com/\n10.0.0.1 # no name\n',
    });
    const problems = MISTAKES.flatMap(([, ...lines]) => lines).map((line) => {
      const isOfDomains = line.startsWith('domains.txt');
      return `${directory}/${isOfDomains ? line : `t1.yaml:${line}`}`.replace('DIRECTORY', directory);
    });
    // Those of other files come last.
    const ofDomains = problems.filter((line) => line.includes('domains.txt:'));
    const ofFile = problems.filter((line) => !ofDomains.includes(line));
    t.same(await complaints(loadConfig(join(directory, 't1.yaml'))), [...ofFile, ...ofDomains]);
  },
);

t.test('parseConfig() bounds what it reports', async (t) => {
  const networks = Array(5000).fill('x').join(', ');
  t.equal((await complaints(config(`guard: { deny: [${networks}] }`))).length, 1000);
});

async function isSafe(text: string): Promise<boolean> {
  try {
    await parseConfig(text);
  } catch (error) {
    return error instanceof ConfigError && error.problems.length > 0;
  }
  return true;
}

const FULL = `${configText(
  'admin: { address: 127.0.0.1:0 }',
  'peers: { vm-a: { address: "a:1", hop: true, connectTimeout: 2s } }',
  'dns: { servers: [10.0.0.1], hosts: { a: [10.0.0.1] }, hostsFile: none }',
  'guard: { allow: [10.0.0.0/8], deny: ["::1"] }',
  'hop: { trust: { from: ["!tls_ports"] } }',
  'log: { access: { path: stdout }, level: info }',
  'timeouts: { head: 10s, idle: 15m }',
)}\n`;

t.test('parseConfig() accepts the text that the next test mutates', async (t) => {
  t.same(await complaints(parseConfig(FULL)), []);
});

// Attacks: good-configuration.
t.test('parseConfig() throws nothing but ConfigError for a file with a mistake anywhere', async () => {
  const noise = fc.constantFrom(
    '',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    ' ',
    '\n',
    '!',
    '&a ',
    '*a',
    '- ',
    '5',
    '~',
    '\0',
    'ä',
  );
  const mutation = fc.record({ at: fc.nat(FULL.length), length: fc.nat(12), by: noise });
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(mutations, (cuts) => {
      return isSafe(
        cuts.reduce((text, { at, length, by }) => text.slice(0, at) + by + text.slice(at + length), FULL),
      );
    }),
    { seed: 20_261_129, numRuns: 300 },
  );
});

// Attacks: good-configuration.
t.test('parseConfig() throws nothing but ConfigError for any text', async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), isSafe), {
    seed: 20_261_129,
    numRuns: 300,
  });
});

// Attacks: good-configuration.
t.test('parseConfig() throws nothing but ConfigError for any tree of known keys', async () => {
  const keys = [
    'name',
    'acls',
    'access',
    'peers',
    'routes',
    'dns',
    'hosts',
    'hop',
    'trust',
    'from',
    'time',
    'file',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(null, 5, 'x', '10s', true),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('tree')),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(tree, (value) => isSafe(JSON.stringify(value))),
    { seed: 20_261_129, numRuns: 300 },
  );
});

t.test('loadConfig() without secrets knows that there are some, and nothing of them', async (t) => {
  const yaml = configText(
    'peers: { vm: { address: "a.test:1", tls: { ca: ca.pem, cert: t1.pem, key: t1.key }, auth: { username: u, passwordFile: p } } }',
    'hop: { assert: { keyFile: hop.key, labels: [app] } }',
  );
  const file = join(t.testdir({ 't1.yaml': yaml }), 't1.yaml');
  await t.rejects(loadConfig(file), ConfigError);
  const { peers, hop, unread, certificates, files } = await loadConfig(file, undefined, { secrets: false });
  t.match(peers.vm?.tls, { ca: '', own: { cert: '', key: '' }, serverName: 'a.test' });
  t.match(hop.assert, { keys: [], labels: ['app'] });
  t.equal(unread.length, 5);
  t.same([certificates, files], [[], [file]]);
});
