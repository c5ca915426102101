/**
 * Users mean the same to Squid (auth_param basic with a helper and its file of passwords) and, through the importer, to Weir
 * (auth.usersFile with the same users): who gets through is the same, and nobody without credentials gets further than in Squid.
 */
import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import type { Imported } from '#migrate/import-squid.ts';
import { type Chance, chanceOf } from '../fixtures/chance.ts';
import { folderOf } from '../fixtures/owned.ts';
import { startProxy } from '../fixtures/proxy.ts';
import type { Squid } from '../fixtures/squid.ts';
import {
  type Asked,
  emptyOrigin,
  importLines,
  startSquid,
  statusOf,
  testable,
} from '../fixtures/squid-pair.ts';
import { needTool } from '../fixtures/tools.ts';

const SEED = 20_261_129;
const [POLICIES, REQUESTS] = [12, 16];
const USERS = { alice: 'wonder land', bob: 'builder:2' };
const WEAK = { logCost: 10, blockSize: 8, parallel: 1 };

function basic(user: string, password: string): Readonly<Record<string, string>> {
  return { 'Proxy-Authorization': `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

const CREDENTIALS: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  basic('alice', USERS.alice),
  basic('bob', USERS.bob),
  basic('alice', 'wrong'),
  basic('mallory', USERS.alice),
];

const ACLS = [
  'acl near src 127.0.0.1 127.0.0.2',
  'acl far src 127.0.0.4/30',
  'acl staff proxy_auth REQUIRED',
  'acl alice proxy_auth alice',
  'acl both proxy_auth bob alice',
  'acl either any-of near alice',
  'acl bob_only proxy_auth bob',
  'acl other any-of bob_only far',
  'acl each all-of far staff',
];
const REFERENCES = [
  'near',
  'far',
  'CONNECT',
  'staff',
  'alice',
  'both',
  'either',
  'other',
  'each',
  'bob_only',
];

interface World {
  readonly folder: string;
  readonly squid: Squid;
  readonly port: number;
  /** Lines by which Squid knows its users. */
  readonly auth: readonly string[];
  readonly usersFile: string;
}

async function worldOf(t: Test, program: string, helper: string): Promise<World> {
  const folder = folderOf(t);
  // Squid's helper runs as the user proxy.
  chmodSync(folder, 0o755);
  const [passwords, usersFile] = [join(folder, 'passwd'), join(folder, 'users.txt')];
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const users = Object.entries(USERS);
  writeFileSync(passwords, users.map(([name, password]) => `${name}:${md5(password)}\n`).join(''));
  const hashed = await Promise.all(
    users.map(async ([name, password]) => `${name}:${await hashPassword(password, WEAK)}\n`),
  );
  writeFileSync(usersFile, hashed.join(''));
  const auth = [
    `auth_param basic program ${helper} ${passwords}`,
    'auth_param basic children 2 startup=1 idle=1',
    'auth_param basic realm test',
  ];
  const { port } = await emptyOrigin(t);
  return { folder, port, auth, usersFile, squid: await startSquid(t, program) };
}

interface Answer {
  readonly request: Asked;
  readonly squids: string;
  readonly weirs: string;
}

/** What both answer to each request, by the same lines. */
async function answers(
  world: World,
  rules: readonly string[],
  requests: readonly Asked[],
): Promise<{ imported: Imported; answers: Answer[] }> {
  const lines = [...world.auth, ...rules];
  const imported = await importLines(world.folder, lines);
  await world.squid.reconfigure(lines);
  await using weir = await startProxy(testable(imported, world.usersFile));
  const answers: Answer[] = [];
  for (const request of requests) {
    const squids = await statusOf(world.squid.port, request);
    answers.push({ request, squids, weirs: await statusOf(weir.port, request) });
  }
  return { imported, answers };
}

function some(chance: Chance, most: number): string[] {
  const names = Array.from({ length: 1 + chance.below(most) }, () => chance.pick(REFERENCES));
  return [...new Set(names)].map((name) => (chance.below(4) === 0 ? `!${name}` : name));
}

function randomRules(chance: Chance): string[] {
  const lines = Array.from(
    { length: 2 + chance.below(4) },
    () => `http_access ${chance.pick(['allow', 'allow', 'deny'])} ${some(chance, 3).join(' ')}`,
  );
  return [...ACLS, ...lines, ...chance.pick([[], ['http_access deny all'], ['http_access allow all']])];
}

function randomRequest(chance: Chance, port: number): Asked {
  return {
    method: chance.pick(['GET', 'CONNECT']),
    host: 'a.example',
    port,
    from: `127.0.0.${1 + chance.below(7)}`,
    fields: chance.pick(CREDENTIALS),
  };
}

/** Told where users are: Weir asks where that could change the answer, and refuses somebody whom it knows with 403. */
function isTold({ findings }: Imported, { squids, weirs }: Answer): boolean {
  const words = 'Squid asks wherever it comes to this ACL';
  return squids === '407' && weirs === '403' && findings.some(({ message }) => message.includes(words));
}

async function compareRandom(t: Test, world: World): Promise<void> {
  const tally: Record<string, number> = {};
  for (let index = 0; index < POLICIES; index += 1) {
    const chance = chanceOf((SEED + index) * 2_654_435_761);
    const rules = randomRules(chance);
    const requests = Array.from({ length: REQUESTS }, () => randomRequest(chance, world.port));
    const { imported, answers: all } = await answers(world, rules, requests);
    for (const answer of all) {
      const both = `${answer.squids} ${answer.weirs}`;
      tally[both] = (tally[both] ?? 0) + 1;
      const isSame = answer.squids === answer.weirs || isTold(imported, answer);
      if (!isSame) t.fail('the answers differ', { answer, rules, yaml: imported.yaml });
    }
  }
  t.comment(JSON.stringify(tally));
  for (const both of ['200 200', '403 403', '407 407'])
    t.ok((tally[both] ?? 0) > 9, `${both}, several times`);
}

t.test('users mean the same to Squid and to Weir', async (t) => {
  const program = await needTool(t, 'squid');
  const helper = await needTool(t, 'basic_ncsa_auth');
  if (program === undefined || helper === undefined) return;
  const world = await worldOf(t, program, helper);
  const get = { method: 'GET', host: 'a.example', port: world.port } as const;

  await t.test('asked, let in, and asked again for a wrong password', async (t) => {
    const requests = CREDENTIALS.slice(1).map((fields) => ({ ...get, fields }));
    const rules = ['acl staff proxy_auth REQUIRED', 'http_access allow staff', 'http_access deny all'];
    const { answers: all } = await answers(world, rules, requests);
    t.same(
      all.map(({ squids, weirs }) => [squids, weirs]),
      ['407', '200', '200', '407', '407'].map((status) => [status, status]),
    );
  });

  await t.test('whoever Squid asks does not get through without an answer', async (t) => {
    const rules = ['acl alice proxy_auth alice', 'http_access allow alice', 'http_access allow all'];
    const { answers: all } = await answers(world, rules, [get]);
    t.match(all, [{ squids: '407', weirs: '407' }]);
  });

  await t.test('random rules', (t) => compareRandom(t, world));
});
