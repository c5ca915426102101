/** One real supervisor with two real workers: a policy holds for the tunnels of both, and users are the same users to both. */
import { join } from 'node:path';
import t from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { owned } from '../fixtures/owned.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { MANY, reload, startWorkers } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const traffic = await Traffic.to(t);

/** Which process a transaction was of: its id begins with that. */
function processesOf({ records }: WeirProcess): number {
  return new Set(records.map(({ transaction_id }) => transaction_id.split('-')[0])).size;
}

t.test('a reload ends the tunnels of all workers that it forbids', async (t) => {
  const weir = await startWorkers(t, { access: '[{ name: some, allow: [all], onRevoke: cut }]' });
  const open = await traffic.openTunnels(t, weir, MANY);
  const { policy } = await reload(weir, { access: '[{ name: closed, deny: [all] }]' });
  const reloadedMs = performance.now();
  await Promise.all(open.map((client) => client.rest()));
  const tookMs = performance.now() - reloadedMs;
  t.ok(tookMs < 1000, `${MANY} tunnels ended ${tookMs} ms after the reload`);
  const ends = await weir.ended(MANY);
  t.equal(processesOf(weir), 2, 'both had some');
  t.ok(ends.every(({ outcome, rule }) => outcome === 'revoked' && rule === 'closed'));
  t.ok(ends.every((record) => record.policy === policy));
});

t.test('a rule that ends by itself ends the tunnels of all workers', async (t) => {
  const rule = (more: string) => ({ access: `[{ name: some, allow: [all], onRevoke: cut${more} }]` });
  const weir = await startWorkers(t, rule(''));
  const open = await traffic.openTunnels(t, weir, MANY);
  const endMs = Math.ceil((Date.now() + 1500) / 1000) * 1000;
  await reload(weir, rule(`, until: "${new Date(endMs).toISOString()}"`));
  // A busy machine may take longer than that: then they end with the reload.
  const dueMs = Math.max(endMs, Date.now());
  await Promise.all(open.map((client) => client.rest()));
  const lateMs = Date.now() - dueMs;
  t.ok(lateMs >= 0 && lateMs < 1000, `${MANY} tunnels ended ${lateMs} ms after the rule`);
  t.ok((await weir.ended(MANY)).every(({ outcome }) => outcome === 'revoked'));
  t.equal(processesOf(weir), 2, 'both had some');
});

t.test('per user: each has as many tunnels on the whole host, from wherever', async (t) => {
  const hash = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });
  const files = t.testdir({ users: `alice:${hash}\nbob:${hash}\n` });
  const weir = await startWorkers(t, {
    auth: `{ usersFile: ${join(files, 'users')} }`,
    acls: '{ staff: { users: ["*"] } }',
    limits: '{ few: { per: user, tunnels: 4 } }',
    access: '[{ name: staff, allow: [staff], limit: few }]',
  });
  const open = async (user: string, from: string): Promise<number> => {
    const client = owned(t, await RawClient.connect(weir.port, { from }));
    const login = `Proxy-Authorization: Basic ${Buffer.from(`${user}:s3cr3t`).toString('base64')}\r\n`;
    const head = await client.tunnel(`origin.example:${traffic.echoPort}`, login);
    return Number(head.split(' ')[1]);
  };
  const openMany = async (user: string): Promise<readonly number[]> => {
    const statuses = await Promise.all(
      Array.from({ length: 30 }, (_, index) => open(user, `127.0.0.${2 + (index % 3)}`)),
    );
    return [200, 429].map((wanted) => statuses.filter((status) => status === wanted).length);
  };
  t.same(await openMany('alice'), [4, 26]);
  t.same(await openMany('bob'), [4, 26], 'another user has as many');
  t.same(await openMany('alice'), [0, 30]);
  const users = new Set((await weir.ended(82)).map(({ user }) => user));
  t.same([...users].sort(), ['alice', 'bob']);
});
