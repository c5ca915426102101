/**
 * What real curl says of a request that fails at tier 2: asked through both tiers, the same as asked at tier 2 alone. Status, reason
 * phrase, body, Retry-After, exit code and message; only Proxy-Status has tier 1 appended.
 */
import http from 'node:http';
import t, { type Test } from 'tap';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { blackHole } from '../fixtures/black-hole.ts';
import { RCODE, startDnsServer } from '../fixtures/dns-server.ts';
import { type Failure, failures } from '../fixtures/failures.ts';
import { httpOriginWith, tcpOrigin } from '../fixtures/origin.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { run } from '../fixtures/run.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { needTool } from '../fixtures/tools.ts';
import { startWeir } from '../fixtures/weir.ts';

t.setTimeout(120_000);

interface Said {
  /** Of curl. */
  readonly exit: number | undefined;
  readonly message: string;
  /** Of the answer: reason phrase and all. */
  readonly first: string;
  /** By name in small letters, but for those that each hop writes for itself. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
  readonly proxyStatus: string;
}

interface Heard {
  readonly alone: Said;
  readonly chained: Said;
}

interface Tiers {
  readonly curl: string;
  readonly first: WeirProcess;
  readonly second: WeirProcess;
}

/** Names, as nobody can say of an address whether a rule about names means it. */
const HOSTS = 'limited.example: 127.0.0.1, here.example: 127.0.0.1, inside.example: 10.0.0.1';

/** The length too: it goes with that of the transaction's id, which is in the body. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'date',
  'weir-transaction',
  'via',
  'proxy-status',
  'content-length',
]);

/** By name in small letters; what is there twice is a list. */
function fieldsOf(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}

async function askAt(curl: string, { port }: WeirProcess, url: string): Promise<Said> {
  const proxy = `http://127.0.0.1:${port}`;
  const { status, stdout, stderr } = await run(curl, ['-q', '-sS', '-i', '-k', '-x', proxy, url]);
  const [head = '', ...rest] = stdout.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const all = fieldsOf(lines);
  return {
    exit: status,
    message: stderr,
    first,
    fields: Object.fromEntries([...all].filter(([name]) => !OWN_FIELDS.has(name))),
    body: rest.join('\r\n\r\n').replace(all.get('weir-transaction') ?? 'ID', 'ID'),
    proxyStatus: all.get('proxy-status') ?? '',
  };
}

async function ask({ curl, first, second }: Tiers, url: string): Promise<Heard> {
  const [alone, chained] = await Promise.all([askAt(curl, second, url), askAt(curl, first, url)]);
  return { alone, chained };
}

/** Two processes, of which the first has the second for its only way out. */
async function startTiers(t: Test, curl: string, names: string): Promise<Tiers> {
  const acls = {
    near: '{ src: [127.0.0.0/8] }',
    ...Object.fromEntries(
      ['denied', 'limited', 'other'].map((it) => [it, `{ dstDomains: [${it}.example] }`]),
    ),
  };
  const second = await startWeir(
    t,
    yamlOf({
      name: 't2',
      acls: `{ ${Object.entries(acls).map(([name, text]) => `${name}: ${text}`)} }`,
      access: `[{ name: never, deny: [denied], message: "Ask the egress team for another way" },
        { name: seldom, allow: [near, limited], limit: seldom }, { name: most, allow: [near, "!other"] }]`,
      limits: '{ seldom: { per: global, requests: 1/h, burst: 1 } }',
      hop: '{ trust: { from: [near] } }',
      guard: '{ allow: [127.0.0.1] }',
      dns: `{ hostsFile: none, servers: ["${names}"], timeout: 1s, hosts: { ${HOSTS} } }`,
      timeouts: '{ connect: 1s }',
    }),
  );
  const peers = `{ p: { address: 127.0.0.1:${second.port}, hop: true } }`;
  const first = await startWeir(t, yamlOf({ name: 't1', peers, routes: '[{ name: out, peers: [p] }]' }));
  return { curl, first, second };
}

t.test('a failure at tier 2 reads the same from curl through two tiers as from tier 2 alone', async (t) => {
  const curl = await needTool(t, 'curl');
  if (curl === undefined) return;
  await using hole = await blackHole();
  await using names = await startDnsServer(({ name }) => {
    if (name === 'silent.example') return undefined;
    return { rcode: name === 'servfail.example' ? RCODE.servFail : RCODE.nxDomain };
  });
  const [tiers, refusing] = [await startTiers(t, curl, names.address), await closedPort()];
  const { first } = await askAt(curl, tiers.second, `http://limited.example:${refusing}/`);
  t.equal(first, 'HTTP/1.1 502 Target refused the connection (t2)', 'the one request that the limit has');
  for (const [what, failure] of Object.entries(failures(refusing, hole.port))) {
    for (const [method, scheme] of [
      ['GET', 'http'],
      ['CONNECT', 'https'],
    ]) {
      await t.test(`${what}, by ${method}`, async (t) => {
        const heard = await ask(tiers, `${scheme}://${failure.target}/`);
        assertSame(t, heard);
        assertAppended(t, heard);
        assertSays(t, heard.alone, failure);
        t.equal(heard.alone.exit, method === 'GET' ? 0 : 56);
        if (method === 'CONNECT') t.match(heard.alone.message, /^curl: \(56\) .* [45]\d\d$/m);
      });
    }
  }
  await t.test('what the operators have to say to whom they refuse', async (t) => {
    const { chained } = await ask(tiers, 'http://denied.example/');
    t.match(
      chained.body,
      /^Denied by t2 rule never\nAsk the egress team for another way\n.+\nReason: rule_denied\n/,
    );
  });
});

t.test('what a target does reads the same from curl through two tiers as from tier 2 alone', async (t) => {
  const curl = await needTool(t, 'curl');
  if (curl === undefined) return;
  await using closing = await tcpOrigin((socket) => void socket.once('data', () => socket.end()));
  await using answering = await httpOriginWith(
    http.createServer(({ url = '/' }, response) => {
      response.writeHead(Number(url.slice(1)), 'Said by the target', { 'X-Target': 'yes' });
      response.end(`the target says ${url}\n`);
    }),
  );
  const tiers = await startTiers(t, curl, '127.0.0.1:9');
  await t.test('it closes without an answer, by GET', async (t) => {
    const heard = await ask(tiers, `http://here.example:${closing.port}/`);
    assertSame(t, heard);
    assertAppended(t, heard);
    t.equal(heard.chained.first, 'HTTP/1.1 502 Target closed the connection (t2)');
  });
  await t.test('it closes instead of speaking TLS, by CONNECT', async (t) => {
    const { alone, chained } = await ask(tiers, `https://here.example:${closing.port}/`);
    t.same([chained.exit, chained.message], [alone.exit, alone.message]);
    t.equal(alone.exit, 35);
    t.equal(chained.first, alone.first, 'a tunnel was open');
  });
  for (const status of [403, 429, 502, 504]) {
    await t.test(`it answers ${status} itself`, async (t) => {
      const heard = await ask(tiers, `http://here.example:${answering.port}/${status}`);
      assertSame(t, heard);
      const { first, body, fields } = heard.chained;
      t.match(
        { first, body, fields },
        {
          first: `HTTP/1.1 ${status} Said by the target`,
          body: `the target says /${status}\n`,
          fields: { 'x-target': 'yes' },
        },
      );
      t.notMatch(heard.chained.proxyStatus, 'error=', 'it is no fault of a proxy');
    });
  }
});

/** Retry-After and RateLimit's time count down while the two are asked. */
function assertSame(t: Test, { alone, chained }: Heard): void {
  const wordsOf = ({ exit, message, first, body, fields }: Said) => {
    const ratelimit = fields.ratelimit?.replace(/;t=\d+/, '');
    return { exit, message, first, body, fields: { ...fields, ratelimit, 'retry-after': undefined } };
  };
  t.same(wordsOf(chained), wordsOf(alone));
  const [now = 0, before = 0] = [chained, alone].map(({ fields }) => Number(fields['retry-after'] ?? 0));
  t.ok(Math.abs(now - before) < 60, `Retry-After of ${before} s, and of ${now} s`);
}

function assertAppended(t: Test, { alone, chained }: Heard): void {
  const status = alone.first.split(' ')[1];
  t.ok(chained.proxyStatus.startsWith(`${alone.proxyStatus}, t1;`), chained.proxyStatus);
  t.match(chained.proxyStatus.slice(alone.proxyStatus.length), `;received-status=${status}`);
}

function assertSays(
  t: Test,
  { first, fields, proxyStatus }: Said,
  { phrase, member, retries }: Failure,
): void {
  t.equal(first, `HTTP/1.1 ${phrase}`);
  t.equal(proxyStatus, `t2;${member}`);
  t.equal(fields['retry-after'] !== undefined, retries === true);
}
