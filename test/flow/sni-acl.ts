/** ACLs with `sni`: a rule that asks for the server name is judged when the ClientHello is there, before a byte of it leaves. */
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { hashPassword } from '#identity/password-hash.ts';
import type { RecordEntry } from '#record/entry.ts';
import { RawClient } from '../fixtures/client.ts';
import { clientHello } from '../fixtures/client-hello.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const ACLS = '{ good: { sni: [.good.example] }, tunnels: { methods: [CONNECT] } }';

interface Asked {
  readonly keys: Readonly<Record<string, string>>;
  /** What the client sends; left out: nothing, and it is the server that speaks. */
  readonly hello?: Buffer;
  readonly host?: string;
}

interface Told {
  readonly status: string;
  /** What reached the origin; undefined: nobody was dialled. */
  readonly passed: string | undefined;
  readonly record: RecordEntry;
  readonly proxy: TestProxy;
}

/** One CONNECT and what came of it. */
async function ask({ keys, hello, host = 'origin.example' }: Asked): Promise<Told> {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ acls: ACLS, ...keys }));
  await using client = await RawClient.connect(proxy.port);
  const head = await client.tunnel(`${host}:${origin.port}`);
  const status = head.split(' ')[1] ?? '';
  if (status !== '200') {
    const [record] = await proxy.ended(1);
    return { status, passed: origin.accepted > 0 ? '' : undefined, record: record as RecordEntry, proxy };
  }
  const far = await origin.accept();
  const passed = await (hello === undefined ? speakFirst(far, client) : sendHello(client, far, hello));
  client.end();
  far.end();
  const [record] = await proxy.ended(1);
  return { status, passed, record: record as RecordEntry, proxy };
}

/** What of `hello` reaches the far end; nothing where it is cut. */
function sendHello(client: RawClient, far: RawClient, hello: Buffer): Promise<string> {
  client.send(hello);
  return far.until((text) => text.length >= hello.length).catch(() => '');
}

async function speakFirst(far: RawClient, client: RawClient): Promise<string> {
  far.send('server first');
  await client.expect('server first').catch(() => {});
  return far.received;
}

const GOOD = clientHello({ serverName: 'a.good.example' });
const BAD = clientHello({ serverName: 'bad.example' });

t.test('a rule that only the server name can fulfil allows by it', async (t) => {
  const keys = { access: '[{ name: good, allow: [good] }]' };
  const passed = await ask({ keys, hello: GOOD });
  t.equal(passed.passed, GOOD.toString('latin1'));
  t.match(passed.record, { outcome: 'completed', rule: 'good', sni: 'a.good.example', reason: undefined });
  const refused = await ask({ keys, hello: BAD });
  t.match(refused, { status: '200', passed: '' });
  t.match(refused.record, {
    outcome: 'denied',
    reason: 'no_rule_matched',
    sni: 'bad.example',
    closedBy: 'proxy',
  });
});

// Attacks: no-early-byte.
t.test('a rule that denies by the server name cuts before a byte has left', async (t) => {
  const keys = { access: '[{ name: bad, deny: ["!good"] }, { name: rest, allow: [all] }]' };
  t.match((await ask({ keys, hello: GOOD })).record, { outcome: 'completed', rule: 'rest' });
  const refused = await ask({ keys, hello: BAD });
  t.match(refused, { status: '200', passed: '' });
  t.match(refused.record, { outcome: 'denied', reason: 'rule_denied', rule: 'bad' });
});

t.test('without a server name an allow fails and a deny holds', async (t) => {
  const allow = { access: '[{ name: good, allow: ["!good"] }]' };
  const deny = { access: '[{ name: good, deny: [good] }, { name: rest, allow: [all] }]' };
  const without: Readonly<Record<string, Buffer>> = {
    'no name': clientHello(),
    'an address': clientHello({ serverName: '127.0.0.1' }),
    'another protocol': Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    'a malformed one': clientHello({ serverName: 'a..b' }),
  };
  for (const [title, hello] of Object.entries(without)) {
    t.match((await ask({ keys: allow, hello })).record, { reason: 'no_rule_matched' }, title);
    t.match((await ask({ keys: deny, hello })).record, { reason: 'rule_denied', rule: 'good' }, title);
  }
});

t.test('where the server speaks first there will be no server name', async (t) => {
  const rest = { access: '[{ name: good, allow: [good] }, { name: rest, allow: [all] }]' };
  const told = await ask({ keys: rest });
  t.match(told.record, { rule: 'rest', sni: undefined, bytesToClient: 12 });
  const none = { access: '[{ name: good, allow: [good] }]' };
  t.match((await ask({ keys: none })).record, { outcome: 'denied', reason: 'no_rule_matched' });
});

// Attacks: no-dial.
t.test('where no server name could allow, the answer is 403 and nobody is dialled', async (t) => {
  for (const access of [
    '[{ name: good, deny: [good] }]',
    '[{ name: no, deny: [tunnels] }, { name: good, allow: [good] }]',
    '[{ name: good, allow: [good, "!tunnels"] }]',
  ]) {
    t.match(await ask({ keys: { access }, hello: GOOD }), { status: '403', passed: undefined }, access);
  }
});

t.test('a rule that holds before anybody has to listen decides at once', async (t) => {
  const keys = { access: '[{ name: first, allow: [tunnels] }, { name: good, allow: [good] }]' };
  const told = await ask({ keys, hello: BAD });
  t.equal(told.passed, BAD.toString('latin1'));
  t.match(told.record, { rule: 'first', sni: undefined }, 'nothing is looked at');
});

t.test('the address is judged before the hello, and both hold', async (t) => {
  const acls =
    '{ good: { sni: [.good.example] }, near: { dst: [127.0.0.0/8] }, far: { dst: [192.0.2.0/24] } }';
  const keys = { acls, access: '[{ name: both, allow: [good, near] }, { name: far, allow: [far] }]' };
  t.match((await ask({ keys, hello: GOOD })).record, { outcome: 'completed', rule: 'both' });
  t.match((await ask({ keys, hello: BAD })).record, { reason: 'no_rule_matched' });
  const never = { acls, access: '[{ name: both, allow: [good, far] }]' };
  t.match(await ask({ keys: never, hello: GOOD }), { status: '403', passed: undefined });
  const later = { acls, access: '[{ name: good, allow: [good] }, { name: near, allow: [near] }]' };
  t.match((await ask({ keys: later, hello: BAD })).record, { outcome: 'completed', rule: 'near' });
});

t.test('the guard goes by the rule that allows in the end', async (t) => {
  const keys = {
    guard: '{}',
    access: '[{ name: inside, allow: [good], allowPrivate: [127.0.0.0/8] }, { name: rest, allow: [all] }]',
  };
  t.match((await ask({ keys, hello: GOOD })).record, { outcome: 'completed', rule: 'inside' });
  const refused = await ask({ keys, hello: BAD });
  t.equal(refused.passed, '');
  t.match(refused.record, { outcome: 'denied', reason: 'address_prohibited', rule: 'rest' });
});

t.test('limits go by the rule that allows in the end', async (t) => {
  const limits = '{ few: { per: global, tunnels: 1 }, none: { per: global, requests: 1/h, burst: 1 } }';
  const access = '[{ name: good, allow: [good], limit: few }, { name: rest, allow: [all], limit: none }]';
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ acls: ACLS, limits, access }));
  const through = async (hello: Buffer): Promise<string> => {
    await using client = await RawClient.connect(proxy.port);
    const head = await client.tunnel(`origin.example:${origin.port}`);
    if (!head.startsWith('HTTP/1.1 200 ')) return head.split(' ')[1] ?? '';
    const far = await origin.accept();
    client.send(hello);
    const passed = await sendHello(client, far, hello);
    far.end();
    client.end();
    await client.closed();
    return passed === '' ? 'cut' : 'passed';
  };
  t.equal(await through(BAD), 'passed', 'it gave back what it had of the first limit');
  t.equal(await through(GOOD), 'passed');
  t.equal(await through(BAD), 'cut', 'the second limit has nothing left');
  t.equal(await through(GOOD), 'passed');
  const records = await proxy.ended(4);
  t.match(
    records.map(({ rule, outcome, reason }) => `${rule} ${outcome} ${reason}`),
    [
      'rest completed undefined',
      'good completed undefined',
      'rest limited requests_exceeded',
      'good completed undefined',
    ],
  );
  t.same(proxy.limitHits, ['none']);
});

t.test('the option sni is that of the rule that allows in the end', async (t) => {
  const keys = {
    access: '[{ name: good, allow: [good] }, { name: rest, allow: [all], sni: verify }]',
  };
  t.match((await ask({ keys, hello: GOOD })).record, { outcome: 'completed', rule: 'good' });
  t.match((await ask({ keys, hello: BAD })).record, { reason: 'sni_mismatch', rule: 'rest' });
  const own = clientHello({ serverName: 'origin.example' });
  t.match((await ask({ keys, hello: own })).record, { outcome: 'completed', rule: 'rest' });
});

t.test('rules in report mode are noted where the hello is read anyway', async (t) => {
  const access = `
  - { name: pilot-all, deny: [tunnels], mode: report }
  - { name: pilot, deny: [good], mode: report }
  - { name: rest, allow: [all], sni: OPTION }`;
  const named = async (option: string, hello: Buffer): Promise<unknown> => {
    const { record } = await ask({ keys: { access: access.replace('OPTION', option) }, hello });
    return record.reports?.map(({ rule }) => rule);
  };
  t.same(await named('log', GOOD), ['pilot-all', 'pilot']);
  t.same(await named('log', BAD), ['pilot-all']);
  t.same(await named('log', clientHello()), ['pilot-all', 'pilot'], 'unknown holds in a deny');
  t.same(await named('off', GOOD), ['pilot-all'], 'nothing is read for a report');
  t.same(await named('verify', GOOD), ['pilot-all', 'pilot']);
});

t.test('credentials are asked for before the 200, where they are what is wanting', async (t) => {
  const hash = await hashPassword('x', { logCost: 10, blockSize: 8, parallel: 1 });
  const folder = t.testdir({ users: `alice:${hash}\n` });
  const told = await ask({
    keys: {
      acls: '{ good: { sni: [.good.example] }, staff: { users: [alice] } }',
      auth: `{ usersFile: ${folder}/users }`,
      access: '[{ name: staff, allow: [staff, good] }]',
    },
    hello: GOOD,
  });
  t.match(told, { status: '407', passed: undefined, record: { reason: 'credentials_wanted' } });
});

t.test(
  'open tunnels are judged again by the name that was heard; who was not listened to has none',
  async (t) => {
    await using origin = await rawOrigin();
    const open = '[{ name: rest, allow: [all], sni: log, onRevoke: cut }]';
    await using proxy = await startProxy(yamlOf({ acls: ACLS, access: open }));
    const tunnel = async (hello: Buffer): Promise<RawClient> => {
      const client = await RawClient.connect(proxy.port);
      await client.tunnel(`origin.example:${origin.port}`);
      const far = await origin.accept();
      client.send(hello);
      await far.expect(hello.toString('latin1'));
      return client;
    };
    await using good = await tunnel(GOOD);
    await using bad = await tunnel(BAD);
    await using nameless = await tunnel(clientHello());
    await proxy.proxy.adopt(
      await parseConfig(yamlOf({ acls: ACLS, access: '[{ name: good, allow: [good] }]' }), {}),
    );
    await Promise.all([bad.rest(), nameless.rest()]);
    t.match(await proxy.ended(2), Array(2).fill({ outcome: 'revoked', reason: 'policy_revoked' }));
    t.equal(good.ending, 'open');
  },
);
