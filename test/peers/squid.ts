/**
 * Beside a real Squid, in either place: as tier 2 under a tier 1 of Weir's, and as tier 1 over a tier 2 of Weir's. Both carry
 * tunnels and plain HTTP, and each hands the other's refusals to the client.
 */
import t, { type Test } from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin, tcpOrigin } from '../fixtures/origin.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { Squid } from '../fixtures/squid.ts';
import { needTool } from '../fixtures/tools.ts';
import { startWeir } from '../fixtures/weir.ts';

const ALLOWED = 'origin.example';
const REFUSED = 'refused.example';

/** ACLs of a Squid that knows one name. */
const SQUID_POLICY = [
  `acl allowed dstdomain ${ALLOWED}`,
  'http_access allow allowed',
  'http_access deny all',
];
/** A tier of Weir's that lets all pass to the peer, which is no hop of ours. */
const tier1 = (squid: Squid): string =>
  yamlOf({
    name: 't1',
    peers: `{ squid: { address: "127.0.0.1:${squid.port}" } }`,
    routes: '[{ name: out, peers: [squid] }]',
  });
/** A tier of Weir's that knows one name, and goes out by itself. */
const TIER2 = yamlOf({
  name: 't2',
  acls: `{ allowed: { dstDomains: [${ALLOWED}] } }`,
  access: '[{ name: not-allowed, deny: ["!allowed"] }, { name: allowed, allow: [allowed] }]',
});

async function startOrigins(t: Test) {
  const heads: string[][] = [];
  const web = await httpOrigin((request, response) => {
    heads.push(request.rawHeaders);
    response.end(`you asked for ${request.url}`);
  });
  const echo = await tcpOrigin((socket) => void socket.pipe(socket));
  t.teardown(() => web[Symbol.asyncDispose]());
  t.teardown(() => echo[Symbol.asyncDispose]());
  return { web, echo, heads };
}

const get = (host: string, port: number): string =>
  `GET http://${host}:${port}/a?b=c HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`;

/** Sends `request` to a proxy and returns all of its answer, which must end in order. */
async function ask(t: Test, port: number, request: string): Promise<string> {
  await using client = await RawClient.connect(port);
  client.send(request);
  const answer = await client.rest();
  t.equal(client.ending, 'end', 'the answer ends in order');
  return answer;
}

/** Asserts that the body is as long as the head says. @returns it */
function wholeBody(t: Test, answer: string): string {
  const end = answer.indexOf('\r\n\r\n');
  const [, length] = /^content-length: *(\d+)/im.exec(answer.slice(0, end)) ?? [];
  const body = answer.slice(end + 4);
  t.equal(body.length, Number(length), 'the body is whole');
  return body;
}

/** Asserts that a tunnel carries bytes both ways, glued ones included, and ends in order. */
async function assertTunnel(t: Test, port: number, target: string): Promise<void> {
  await using client = await RawClient.connect(port);
  client.send(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\nglued `);
  const head = await client.until((text) => text.endsWith('glued '));
  t.match(head, /^HTTP\/1\.1 200 /, 'the tunnel opens');
  client.send('and more');
  t.equal(await client.until((text) => text.length >= 8), 'and more', 'bytes pass both ways');
  client.socket.end();
  t.equal(await client.rest(), '', 'nothing else comes');
  t.equal(client.ending, 'end', 'the end passes as an end');
}

t.test('Squid as tier 2 under Weir', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const { web, echo, heads } = await startOrigins(t);
  const hosts = [ALLOWED, REFUSED];
  const squid = await Squid.start(t, program, { name: 'weirbelow', lines: SQUID_POLICY, hosts });
  const weir = await startWeir(t, tier1(squid));

  await t.test('carries a tunnel', async (t) => {
    await assertTunnel(t, weir.port, `${ALLOWED}:${echo.port}`);
    const record = await weir.record(({ method, event }) => method === 'CONNECT' && event === 'end');
    t.match(
      record,
      { outcome: 'completed', peer: 'squid', bytes_from_client: 14, bytes_to_client: 14 },
      'Weir says so',
    );
    const line = await squid.line(({ method }) => method === 'CONNECT');
    t.same(
      line,
      { method: 'CONNECT', target: `${ALLOWED}:${echo.port}`, status: '200', transaction: '-' },
      'and so does Squid',
    );
  });

  await t.test('carries plain HTTP', async (t) => {
    const answer = await ask(t, weir.port, get(ALLOWED, web.port));
    t.match(answer, /^HTTP\/1\.1 200 /, 'it is answered');
    t.equal(wholeBody(t, answer), 'you asked for /a?b=c', 'and the one that was sent');
    t.match(heads.at(-1)?.join('\n'), /^1\.1 t1-\w+, 1\.1 weirbelow \(squid.*\)$/m, 'Via names both');
    t.notOk(
      heads.flat().some((name) => /^weir-/i.test(name)),
      'and of nothing that is ours alone',
    );
    const line = await squid.line(({ method }) => method === 'GET');
    t.match(line, { status: '200', transaction: '-' }, 'Squid is no hop of ours');
    t.match(
      await weir.record(({ method }) => method === 'GET'),
      { outcome: 'completed', peer: 'squid' },
      'Weir says so',
    );
  });

  await t.test("hands on Squid's refusal of a tunnel", async (t) => {
    const target = `${REFUSED}:${echo.port}`;
    const answer = await ask(t, weir.port, `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    t.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/, 'with its status');
    t.match(answer, /^X-Squid-Error: ERR_ACCESS_DENIED 0\r$/m, 'and its own fields');
    t.match(answer, /^Proxy-Status: t1;.*received-status=403/m, 'and our word on where it comes from');
    t.match(wholeBody(t, answer), /Generated .* by weirbelow/, "and all of Squid's page");
    const record = await weir.record(({ host, event }) => host === REFUSED && event === 'end');
    t.match(
      record,
      { outcome: 'denied', reason: 'peer_refused', status: 403, peer: 'squid' },
      'Weir says so',
    );
  });

  await t.test("hands on Squid's refusal of a plain request", async (t) => {
    const answer = await ask(t, weir.port, get(REFUSED, web.port));
    t.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/, 'with its status');
    t.match(wholeBody(t, answer), /Generated .* by weirbelow/, "and all of Squid's page");
    // Without hop: true nobody can tell whether a 403 is the peer's or an origin's.
    t.match(
      await weir.record(({ host, method }) => host === REFUSED && method === 'GET'),
      { status: 403 },
      'Weir says so',
    );
  });

  await t.test('never gets Weir-Transaction', async (t) => {
    t.equal(squid.lines().length, 4, 'it was asked four times');
    t.ok(
      squid.lines().every(({ transaction }) => transaction === '-'),
      'and not told the id',
    );
  });
});

t.test('Squid as tier 1 over Weir', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const { web, echo, heads } = await startOrigins(t);
  const weir = await startWeir(t, TIER2);
  const parent = `cache_peer 127.0.0.1 parent ${weir.port} 0 no-query no-digest default`;
  const lines = [parent, 'never_direct allow all', 'http_access allow all'];
  const squid = await Squid.start(t, program, { name: 'weirabove', lines, hosts: [] });

  await t.test('carries a tunnel', async (t) => {
    await assertTunnel(t, squid.port, `${ALLOWED}:${echo.port}`);
    const record = await weir.record(({ method, event }) => method === 'CONNECT' && event === 'end');
    t.match(
      record,
      { outcome: 'completed', rule: 'allowed', bytes_from_client: 14, bytes_to_client: 14 },
      'Weir says so',
    );
  });

  await t.test('carries plain HTTP', async (t) => {
    const answer = await ask(t, squid.port, get(ALLOWED, web.port));
    t.match(answer, /^HTTP\/1\.1 200 /, 'it is answered');
    t.equal(wholeBody(t, answer), 'you asked for /a?b=c', 'and the one that was sent');
    t.match(heads.at(-1)?.join('\n'), /^1\.1 weirabove, 1\.1 t2-\w+$/m, 'Via names both, and no version');
    t.notMatch(heads.at(-1)?.join('\n'), /x-forwarded-for/i, 'Squid tells who asked, and Weir nobody');
    t.match(
      await weir.record(({ method }) => method === 'GET'),
      { outcome: 'completed', rule: 'allowed' },
      'Weir says so',
    );
  });

  await t.test("hands on Weir's refusal of a plain request", async (t) => {
    const answer = await ask(t, squid.port, get(REFUSED, web.port));
    t.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/, 'with its status; phrases Squid writes itself');
    t.match(answer, /^Proxy-Status: t2;error=http_request_denied/m, 'and its Proxy-Status');
    t.match(wholeBody(t, answer), /^Denied by t2 rule not-allowed\n/, 'and all of its words');
  });

  await t.test("hands on Weir's refusal of a tunnel", async (t) => {
    const target = `${REFUSED}:${echo.port}`;
    const answer = await ask(t, squid.port, `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    t.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/, 'with its status');
    t.match(answer, /^Proxy-Status: t2;error=http_request_denied/m, 'and its Proxy-Status');
    // Of a parent's answer to CONNECT, Squid 5 hands on the head alone.
    t.match(answer, /^Content-Length: [1-9]\d*\r\n(?:.+\r\n)*\r\n/m, 'and all of its head');
    const record = await weir.record(({ host, method }) => host === REFUSED && method === 'CONNECT');
    t.match(record, { outcome: 'denied', rule: 'not-allowed', status: 403 }, 'Weir says so');
  });

  await t.test('its probe of the parent is no transaction', async (t) => {
    // Squid made one when it started; here is another.
    const probe = await RawClient.connect(weir.port);
    await probe[Symbol.asyncDispose]();
    await ask(t, squid.port, get(ALLOWED, web.port));
    await weir.ended(5);
    const ends = weir.records.filter(({ event }) => event === 'end');
    t.same(
      ends.map(({ method }) => method),
      ['CONNECT', 'GET', 'GET', 'CONNECT', 'GET'],
      'tier 2 recorded what was asked, and nothing else',
    );
    t.notOk(
      weir.log.some(({ level }) => level === 'error'),
      'and complains of nothing',
    );
  });
});
