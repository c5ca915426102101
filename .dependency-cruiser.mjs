// The architecture as rules that fail: which folder may import which, and who alone may touch sockets, logs, metrics, the
// environment and undici. Each rule is named after what it keeps true; its comment tells whoever trips it what to do.
// scripts/check-architecture.ts runs it, and fails when the cruise missed files. ARCHITECTURE.md draws the same picture.

/** Files of the product outside any folder that every layer may import. */
const LEAVES = ['^src/errors\\.ts$'];

/**
 * A rule that lets `folder` import only itself, the named folders and the leaves. Packages and Node's own modules are other
 * rules' business.
 * @param {string} folder
 * @param {readonly string[]} below folders it may import, and single files elsewhere, as patterns with a slash
 * @param {string} cure what to do instead
 */
function layer(folder, below, cure) {
  const allowed = [folder, ...below.filter((name) => !name.includes('/'))];
  const exempt = below.filter((name) => name.includes('/')).map((file) => `^src/${file}$`);
  return {
    name: `layer-${folder}`,
    comment: `src/${folder}/ may import only ${allowed.join(', ')}, and errors. ${cure}`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: [...allowed.map((name) => `^src/${name}/`), ...LEAVES, ...exempt] },
  };
}

/**
 * A rule that lets only the `owners` import the modules that match `modules`, types apart.
 * @param {{ name: string, comment: string, modules: string, owners: readonly string[] }} rule
 */
function only({ name, comment, modules, owners }) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: '^src/', pathNot: [...owners] },
    to: { path: modules, dependencyTypesNot: ['type-only'] },
  };
}

/** Matches packages in node_modules by name. */
const packages = (names) => `(^|/)node_modules/(${names})/`;

const PURE_POLICY = ['^src/acl/', '^src/match/', '^src/errors\\.ts$', '^src/hints\\.ts$'];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'Files that import each other, even for types only, cannot be understood one at a time. Move what both need into a ' +
        'third file beneath them, or pass it in as an argument.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'acl-does-not-know-peer',
      comment:
        'What is allowed must not depend on how it is routed. Put predicates that rules and routes share into src/match/; ' +
        'let src/proxy/ bring a decision and a route together.',
      severity: 'error',
      from: { path: '^src/acl/' },
      to: { path: '^src/peer/' },
    },
    {
      name: 'peer-does-not-know-acl',
      comment:
        'Choosing a peer must not look at the policy. Put predicates that rules and routes share into src/match/; let ' +
        'src/proxy/ hand the permit over.',
      severity: 'error',
      from: { path: '^src/peer/' },
      to: { path: '^src/acl/' },
    },
    {
      name: 'policy-is-pure',
      comment:
        'The policy is data in, decision out: no sockets, files, names, clocks or logs. Take the value as an argument; read ' +
        'files in src/acl/load.ts; open sockets in src/net/.',
      severity: 'error',
      from: { path: PURE_POLICY, pathNot: ['^src/acl/load\\.ts$'] },
      to: {
        path: ['^(node:)?(net|tls|https?|http2|fs|dns|dgram|child_process)(/|$)', packages('undici|pino')],
      },
    },
    layer('net', [], 'Leaf values and socket primitives know no policy; pass what they need as an argument.'),
    layer(
      'match',
      ['net'],
      'A predicate sees one subject and nothing else; build the subject in src/proxy/.',
    ),
    layer(
      'acl',
      ['match', 'net'],
      'A decision is returned, not recorded or acted upon; the caller in src/proxy/ does that.',
    ),
    layer(
      'peer',
      ['match', 'net'],
      'Take the permit, the logger and the record as arguments from src/proxy/.',
    ),
    layer('identity', ['match', 'net'], 'Return who the client is; src/proxy/ asks and src/acl/ judges.'),
    layer(
      'pods',
      ['match', 'net'],
      'Tell who an address is, and what became of the watch; logs, metrics and other processes are who composes it.',
    ),
    layer('hop', ['match', 'net'], 'What a hop says is returned; src/proxy/ asks, sends and acts by it.'),
    layer(
      'limit',
      ['match', 'net'],
      'Take the key to count under as an argument; src/proxy/ knows whose it is.',
    ),
    layer(
      'doctor',
      ['study/proxy-env\\.ts', 'hints\\.ts', 'net'],
      'A client that looks at a chain from outside: it knows what hops say on the wire, and nothing of how they come to it.',
    ),
    layer(
      'redis',
      ['limit', 'net'],
      'It counts what it is asked to; logs and metrics, and who asks, are passed in by who composes it.',
    ),
    layer(
      'cache',
      ['match', 'net'],
      'Take the request and what fetches it as arguments; src/proxy/forward plugs it in.',
    ),
    layer(
      'control',
      ['cache'],
      'It carries questions to who can answer them, and answers back: what is asked, audited and logged is composed in src/.',
    ),
    layer(
      'record',
      ['net'],
      'src/record/entry.ts owns the shape of a record, src/proxy/ fills it: recording never reads the data path.',
    ),
    layer(
      'audit',
      ['record', 'net'],
      'The trail takes records and words of what happened; src/proxy/ waits for it, and who composes it tells it of reloads and signals.',
    ),
    layer(
      'supervisor',
      ['audit', 'cache', 'limit', 'peer', 'pods', 'record', 'match', 'net', 'config/config\\.ts'],
      'A supervisor sees no traffic: what serves is src/worker.ts, and what reads files and signals is composed in src/.',
    ),
    layer(
      'proxy',
      [
        'acl',
        'peer',
        'identity',
        'pods',
        'hop',
        'limit',
        'cache',
        'record',
        'match',
        'net',
        'config/config\\.ts',
      ],
      'The data path takes compiled options and collaborators as arguments; of src/config/ it knows the type of the result.',
    ),
    {
      name: 'config-does-not-know-the-data-path',
      comment:
        'Configuration is parsed before anything runs. Move the options type and its compile function into the folder that ' +
        'uses them, and let what starts the proxy hand the result over.',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^src/proxy/' },
    },
    {
      name: 'offline-tools-do-not-run-the-proxy',
      comment:
        'Admin pages, policy studies and migration look at configuration, policy and records. Pass in what they should show; ' +
        'move what they share with the data path below both.',
      severity: 'error',
      from: { path: ['^src/admin/', '^src/study/', '^src/migrate/'] },
      to: { path: '^src/proxy/' },
    },
    {
      name: 'composition-is-on-top',
      comment:
        'src/cli/ and the files directly in src/ put the program together; the folders are what they put together. Move what ' +
        'you need into the folder that owns it.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/cli/' },
      to: { path: ['^src/[^/]+\\.ts$', '^src/cli/'], pathNot: LEAVES },
    },
    {
      name: 'nothing-imports-main',
      comment:
        'src/main.ts and src/executable.ts are where a process starts: importing one runs it. Move what you need into a file of its own.',
      severity: 'error',
      from: { path: '^(src|test|bench|scripts)/' },
      to: { path: '^src/(main|executable)\\.ts$' },
    },
    only({
      name: 'only-cli-reads-arguments',
      comment: 'yargs belongs to src/cli.ts and src/cli/. Take parsed values as arguments.',
      modules: packages('yargs|yargs-parser'),
      owners: ['^src/cli\\.ts$', '^src/cli/'],
    }),
    only({
      name: 'only-record-logs',
      comment:
        'pino is used by src/record/. Take a logger as an argument; its type is in src/record/operational-log.ts.',
      modules: packages('pino'),
      owners: ['^src/record/'],
    }),
    only({
      name: 'only-record-measures',
      comment:
        'Metrics come from the record. Add the field to src/record/entry.ts and derive the metric in src/record/metrics.ts.',
      modules: packages('prom-client'),
      owners: ['^src/record/', '^src/admin/'],
    }),
    only({
      name: 'only-patterns-imports-re2js',
      comment:
        'Every regular expression of a policy has the same syntax, bounds and cost. Take a Pattern from src/match/patterns.ts.',
      modules: packages('re2js'),
      owners: ['^src/match/patterns\\.ts$'],
    }),
    only({
      name: 'only-pool-imports-undici',
      comment:
        'The pool’s connections and exchanges (src/net/undici-*.ts) are where undici is set up (timeouts, header limits, ' +
        'sockets). Ask the pool.',
      modules: packages('undici'),
      owners: ['^src/net/undici-[a-z]+\\.ts$'],
    }),
    only({
      name: 'sockets-in-net-peer-proxy-admin',
      comment:
        'Sockets and name look-ups live in src/net/, src/peer/, src/proxy/, src/admin/ and src/control/. Take a function or a value instead.',
      modules: '^(node:)?(net|tls|https?|http2|dns|dgram)(/|$)',
      owners: [
        '^src/net/',
        '^src/peer/',
        '^src/proxy/',
        '^src/admin/',
        '^src/control/',
        '^src/doctor/socket-wires\\.ts$',
      ],
    }),
    {
      name: 'src-never-imports-test',
      comment: 'The product must run without its tests and tools. Move what both need into src/.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts|deploy)/' },
    },
    {
      name: 'deploy-drives-programs',
      comment:
        'deploy/ puts Weir in from outside, by its commands and those of the cloud: it imports nothing of the program. Call `weir`.',
      severity: 'error',
      from: { path: '^deploy/' },
      to: { path: '^(src|test|bench|scripts)/' },
    },
    {
      name: 'src-uses-shipped-packages',
      comment:
        'The image installs dependencies only. Move the package from devDependencies, or do without it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unresolvable',
      comment: 'The import names no file. Write the extension (.ts), and `#folder/file.ts` across folders.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nobody imports this file and it imports nobody. Use it or delete it.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['\\.d\\.ts$', '^src/main\\.ts$'] },
      to: {},
    },
    {
      name: 'no-barrels',
      comment:
        'A file of re-exports hides where things live and makes cycles. Import the file that defines the thing. (Biome finds those with other names.)',
      severity: 'error',
      from: {},
      to: { path: '/index\\.ts$', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
