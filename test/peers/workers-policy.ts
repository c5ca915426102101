/** One real supervisor with four real workers: a policy holds for the tunnels of all, and users are the same users to all. */
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { type LogLine, WEIR, type WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { owned } from '../fixtures/owned.ts';
import { run } from '../fixtures/run.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { metric } from '../fixtures/weir.ts';
import { onEach, reload, startWorkers } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const traffic = await Traffic.to(t);

const WORKERS = 4;
/** Tunnels that each worker has. */
const OF_EACH = 5;
const ALL = WORKERS * OF_EACH;

function start(t: Test, keys: Readonly<Record<string, string>>): Promise<WeirProcess> {
  return startWorkers(t, { workers: String(WORKERS), ...keys });
}

function adopt(weir: WeirProcess, keys: Readonly<Record<string, string>>): Promise<LogLine> {
  return reload(weir, { workers: String(WORKERS), ...keys });
}

async function openOnEach(t: Test, weir: WeirProcess): Promise<readonly RawClient[]> {
  return (await onEach(weir, () => traffic.openTunnels(t, weir, OF_EACH))).flat();
}

const REFUSED = 'HTTP/1.1 403 Denied by t rule closed';

/** First line of the answer to a CONNECT. */
async function refusalOf(t: Test, weir: WeirProcess): Promise<string | undefined> {
  const client = owned(t, await RawClient.connect(weir.port));
  return (await client.tunnel(`origin.example:${traffic.echoPort}`)).split('\r\n')[0];
}

/** What `weir explain` says about a request of these tests. */
async function explained(weir: WeirProcess, target: string): Promise<{ verdict: string; rule: string }> {
  const file = weir.configFile as string;
  const { stdout } = await run(WEIR, ['explain', '-c', file, '--src', '127.0.0.1', '--json', target]);
  return JSON.parse(stdout).hops[0];
}

/** Which process a transaction was of: its id begins with that. */
function processesOf({ records }: WeirProcess): number {
  return new Set(records.map(({ transaction_id }) => transaction_id.split('-')[0])).size;
}

t.test('a reload ends the tunnels of all workers that it forbids', async (t) => {
  const weir = await start(t, { access: '[{ name: some, allow: [all], onRevoke: cut }]' });
  const open = await openOnEach(t, weir);
  const acls = `{ web: { ports: [${traffic.webPort}] } }`;
  const access = '[{ name: web, allow: [web] }, { name: closed, deny: [all] }]';
  const { policy } = await adopt(weir, { acls, access });
  using watch = new Stopwatch();
  await Promise.all(open.map((client) => client.rest()));
  t.ok(watch.ms < 1000, `${ALL} tunnels ended ${watch.ms} ms after the reload`);
  const ends = await weir.ended(ALL);
  t.equal(processesOf(weir), WORKERS, 'each worker had some');
  t.ok(ends.every(({ outcome, rule }) => outcome === 'revoked' && rule === 'closed'));
  t.ok(ends.every((record) => record.policy === policy));
  const said = await explained(weir, `http://origin.example:${traffic.webPort}/`);
  t.match(said, { verdict: 'allow', rule: 'web' });
  t.same(
    await onEach(weir, () => traffic.statusOf(weir)),
    Array(WORKERS).fill(200),
    'all do as explain says',
  );
  t.match(await explained(weir, `origin.example:${traffic.echoPort}`), { verdict: 'deny', rule: 'closed' });
  t.same(await onEach(weir, () => refusalOf(t, weir)), Array(WORKERS).fill(REFUSED));
  const rules = (await weir.ended(ALL + 2 * WORKERS)).slice(ALL).map(({ rule }) => rule);
  t.same(rules.toSorted(), [...Array(WORKERS).fill('closed'), ...Array(WORKERS).fill('web')]);
});

t.test('a rule that ends by itself ends the tunnels of all workers', async (t) => {
  const rule = (more: string) => ({ access: `[{ name: some, allow: [all], onRevoke: cut${more} }]` });
  const weir = await start(t, rule(''));
  const open = await openOnEach(t, weir);
  const endMs = Math.ceil((Date.now() + 1500) / 1000) * 1000;
  await adopt(weir, rule(`, until: "${new Date(endMs).toISOString()}"`));
  // A busy machine may take longer than that: then they end with the reload.
  const waitMs = Math.max(endMs - Date.now(), 0);
  using watch = new Stopwatch();
  await Promise.all(open.map((client) => client.rest()));
  t.ok(Date.now() >= endMs, 'not before');
  t.ok(watch.ms - waitMs < 1000, `${ALL} tunnels ended ${watch.ms - waitMs} ms after the rule`);
  t.ok((await weir.ended(ALL)).every(({ outcome }) => outcome === 'revoked'));
  t.equal(processesOf(weir), WORKERS, 'each worker had some');
});

const PASSWORD = 's3cr3t';
const as = (user: string, password = PASSWORD): string =>
  `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`;

/** Alice and Bob; wrong passwords of Carol take a while to be found so. */
async function startWithUsers(t: Test): Promise<WeirProcess> {
  const quick = await hashPassword(PASSWORD, { logCost: 10, blockSize: 8, parallel: 1 });
  const slow = await hashPassword(PASSWORD, { logCost: 15, blockSize: 8, parallel: 1 });
  const files = t.testdir({ users: `alice:${quick}\nbob:${quick}\ncarol:${slow}\n` });
  return await start(t, {
    auth: `{ usersFile: ${join(files, 'users')} }`,
    acls: `{ staff: { users: ["*"] }, web: { ports: [${traffic.webPort}] } }`,
    limits: '{ few: { per: user, tunnels: 4 } }',
    access: '[{ name: web, allow: [staff, web] }, { name: staff, allow: [staff], limit: few }]',
  });
}

t.test('users are the same to all workers, and so is what each may have', async (t) => {
  const weir = await startWithUsers(t);
  const statusOf = async (fields: string): Promise<number> => {
    const client = owned(t, await RawClient.connect(weir.port));
    const head = await client.tunnel(`origin.example:${traffic.echoPort}`, fields);
    return Number(head.split(' ')[1]);
  };
  const onAll = (fields: string): Promise<readonly number[]> => onEach(weir, () => statusOf(fields));
  const all = (status: number): readonly number[] => Array(WORKERS).fill(status);
  t.same(await onAll(as('alice')), all(200), 'one tunnel through each');
  t.same(await onAll(as('alice')), all(429), 'and no more through any');
  t.same(await onAll(as('bob')), all(200), 'another user has as many');
  t.same(await onAll(as('bob', 'other')), all(407));
  t.same(await onAll(''), all(407));
  const ends = await weir.ended(3 * WORKERS);
  t.same(ends.map(({ user }) => user ?? '').toSorted(), [...Array(8).fill(''), ...Array(4).fill('alice')]);

  const get = `GET http://origin.example:${traffic.webPort}/ HTTP/1.1\r\nHost: x\r\n`;
  const ask = async (fields: string): Promise<() => Promise<number>> => {
    const client = owned(t, await RawClient.connect(weir.port));
    client.send(`${get}${fields}\r\n`);
    return async () => Number((await client.head()).split(' ')[1]);
  };
  let wrong = WORKERS;
  await onEach(weir, async (pid) => {
    // All of them are there when it begins.
    process.kill(pid, 'SIGSTOP');
    const guesses = await Promise.all(Array.from({ length: 20 }, (_, guess) => ask(as('carol', `${guess}`))));
    const known = await ask(as('alice'));
    process.kill(pid, 'SIGCONT');
    t.equal(await known(), 200, 'who is known waits for nobody');
    const statuses = await Promise.all(guesses.map((answer) => answer()));
    const refused = statuses.filter((status) => status === 503).length;
    t.equal(statuses.filter((status) => status === 407).length, 20 - refused);
    t.equal(refused, 14, 'two are checked, four of a client wait');
    wrong += 20 - refused;
  });
  t.equal(await metric(weir, 'weir_wrong_credentials_total'), wrong, 'one scrape counts for all');
});
