/**
 * Every rule of .dependency-cruiser.mjs catches what it is for: a toy source tree breaks each of them once, also through
 * `#folder/file.ts`, and the rules that fire are compared with the rules that exist. So no rule can rest on a pattern that
 * matches nothing.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';

const ROOT = join(import.meta.dirname, '../..');

/** What breaks each rule: files with their text. One file may break several; those it is there for are named by the key. */
const OFFENDERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-circular': {
    'src/net/egg.ts': "import type { Hen } from './hen.ts';\nexport interface Egg { hen: Hen }",
    'src/net/hen.ts': "import type { Egg } from './egg.ts';\nexport interface Hen { egg: Egg }",
  },
  'acl-does-not-know-peer': { 'src/acl/knows-peer.ts': "import '#peer/thing.ts';" },
  'peer-does-not-know-acl': { 'src/peer/knows-acl.ts': "import type { Thing } from '#acl/thing.ts';" },
  'policy-is-pure': { 'src/match/impure.ts': "import 'node:fs/promises';" },
  'layer-net': { 'src/net/climbs.ts': "import '#match/thing.ts';" },
  'layer-match': { 'src/match/climbs.ts': "import '#acl/thing.ts';" },
  'layer-acl': { 'src/acl/climbs.ts': "import type { Thing } from '../record/thing.ts';" },
  'layer-peer': { 'src/peer/climbs.ts': "import '#record/thing.ts';" },
  'layer-hop': { 'src/hop/climbs.ts': "import '#acl/thing.ts';" },
  'layer-identity': { 'src/identity/climbs.ts': "import '#acl/thing.ts';" },
  'layer-pods': { 'src/pods/climbs.ts': "import '#acl/thing.ts';" },
  'layer-limit': { 'src/limit/climbs.ts': "import '#acl/thing.ts';" },
  'layer-cache': { 'src/cache/climbs.ts': "import '#proxy/thing.ts';" },
  'layer-audit': { 'src/audit/climbs.ts': "import '#proxy/thing.ts';" },
  'layer-redis': { 'src/redis/climbs.ts': "import '#proxy/thing.ts';" },
  'layer-control': { 'src/control/climbs.ts': "import '#proxy/thing.ts';" },
  'layer-doctor': { 'src/doctor/climbs.ts': "import '#proxy/thing.ts';" },
  'layer-record': { 'src/record/climbs.ts': "import '#proxy/thing.ts';" },
  'layer-supervisor': { 'src/supervisor/climbs.ts': "import '#proxy/thing.ts';" },
  'layer-proxy': { 'src/proxy/climbs.ts': "import type { Thing } from '#admin/thing.ts';" },
  'config-does-not-know-the-data-path': { 'src/config/knows.ts': "import '#proxy/thing.ts';" },
  'offline-tools-do-not-run-the-proxy': { 'src/study/runs.ts': "import '#proxy/thing.ts';" },
  'composition-is-on-top': { 'src/admin/composes.ts': "import '#cli.ts';" },
  'nothing-imports-main': { 'test/starts-main.ts': "import '#main.ts';" },
  'only-cli-reads-arguments': { 'src/config/arguments.ts': "import 'yargs';" },
  'only-record-logs': { 'src/proxy/logs.ts': "import 'pino';" },
  'only-record-measures': { 'src/proxy/measures.ts': "import 'prom-client';" },
  'only-patterns-imports-re2js': { 'src/acl/compiles.ts': "import 're2js';" },
  'only-pool-imports-undici': { 'src/net/dials.ts': "import 'undici';" },
  'sockets-in-net-peer-proxy-admin': { 'src/limit/sockets.ts': "import 'node:net';" },
  'src-never-imports-test': { 'src/net/tested.ts': "import '../../test/thing.ts';" },
  'deploy-drives-programs': { 'deploy/reaches.ts': "import '../src/net/thing.ts';" },
  'src-uses-shipped-packages': { 'src/net/develops.ts': "import 'fast-check';" },
  'no-unresolvable': { 'src/net/lost.ts': "import '#net/nowhere.ts';" },
  'no-orphans': { 'src/net/orphan.ts': 'export const ORPHAN = 1;' },
  'no-barrels': {
    'src/net/index.ts': "export * from './thing.ts';",
    'src/net/barrelled.ts': "import './index.ts';",
  },
};

const FOLDERS = ['acl', 'admin', 'match', 'net', 'peer', 'proxy', 'record'];

/** What the rules allow, so that the offenders have something to import. */
const INNOCENTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    FOLDERS.map((folder) => [`src/${folder}/thing.ts`, 'export interface Thing { a: 1 }']),
  ),
  'src/errors.ts': 'export const ERRORS = 1;',
  'src/cli.ts': "import 'yargs';",
  'src/main.ts': "import './cli.ts';",
  'src/net/pool.ts': "import './undici-client.ts';",
  'src/net/undici-client.ts': "import 'undici';\nimport '#errors.ts';",
  'src/match/patterns.ts': "import 're2js';",
  'src/acl/load.ts': "import 'node:fs';\nimport '#match/thing.ts';",
  'src/proxy/dials.ts': "import '#net/pool.ts';\nimport type net from 'node:net';",
  'src/limit/named.ts': "import type net from 'node:net';\nexport type Socket = net.Socket;",
  'test/thing.ts': "import '#net/thing.ts';",
};

interface Cruised {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

/** Writes the files where they look like a project of their own and cruises them with our rules. */
function cruise(t: Test, files: Readonly<Record<string, string>>): Cruised {
  const cwd = t.testdir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(cwd, dirname(path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  for (const name of ['package.json', 'tsconfig.json']) cpSync(join(ROOT, name), join(cwd, name));
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const options = ['--config', join(ROOT, '.dependency-cruiser.mjs'), '--output-type', 'json'];
  const run = spawnSync(process.execPath, [program, ...options, 'src', 'test', 'deploy'], {
    cwd,
    encoding: 'utf8',
  });
  return JSON.parse(run.stdout) as Cruised;
}

t.test('dependency rules catch what they are for', async (t) => {
  const files = Object.assign({}, INNOCENTS, ...Object.values(OFFENDERS)) as Record<string, string>;
  const { summary } = cruise(t, files);
  const rules = summary.ruleSetUsed.forbidden.map(({ name }) => name);
  t.same(Object.keys(OFFENDERS).sort(), [...rules].sort(), 'every rule has an offender here');
  for (const [rule, offenders] of Object.entries(OFFENDERS)) {
    const caught = summary.violations.filter(
      ({ from, rule: { name } }) => name === rule && from in offenders,
    );
    t.not(caught.length, 0, `${rule} catches ${Object.keys(offenders).join(', ')}`);
  }
  const accused = summary.violations.filter(({ from }) => from in INNOCENTS);
  t.same(accused, [], 'what is allowed is not caught');
});
