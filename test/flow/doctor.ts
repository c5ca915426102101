/** Each branch of the chart of errors, broken in a real chain of two tiers: what doctor finds first is what was broken. */
import t from 'tap';
import { blackHole } from '../fixtures/black-hole.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RCODE, startDnsServer } from '../fixtures/dns-server.ts';
import { assertFault, doctored, marksOf } from '../fixtures/doctored.ts';
import { echoOrigin, httpOrigin, tlsOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { Issuer } from '../fixtures/tls.ts';

const issuer = owned(t, await Issuer.open());
const ca = issuer.ca;
const certificate = await issuer.issue('origin', { names: 'DNS:origin.example' });
const secure = owned(t, await tlsOrigin(certificate, (_request, response) => void response.end('hello\n')));
const hole = owned(t, await blackHole());
const names = owned(t, await startDnsServer(() => ({ rcode: RCODE.nxDomain })));
const HOSTS = ['origin', 'denied1', 'denied2', 'other'].map((name) => `${name}.example: 127.0.0.1`);
const dns = `{ hostsFile: none, servers: ["${names.address}"], hosts: { ${HOSTS.join(', ')} } }`;
const acls = (denied: string): string =>
  `{ near: { src: [127.0.0.0/8] }, denied: { dstDomains: [${denied}] } }`;
const access = '[{ name: never, deny: [denied] }, { name: most, allow: [near] }]';
const t2 = owned(
  t,
  await startSecondTier({ dns, acls: acls('denied2.example'), access, timeouts: '{ connect: 1s }' }),
);
const t1 = owned(t, await startFirstTier([t2.port], { dns, acls: acls('denied1.example'), access }));
const closed = await closedPort();
const TARGET = `origin.example:${secure.port}`;

t.test('a way that is open', async (t) => {
  const diagnosis = await doctored({ proxy: t1.port, target: TARGET, ca });
  t.equal(diagnosis.fault, undefined);
  t.notMatch(marksOf(diagnosis), /✗/);
  t.same(diagnosis.hops, ['t1', 't2']);
  t.match(diagnosis.transaction, /^[\da-f]{16}-\d+$/);
  t.match(diagnosis.steps.at(-1), {
    step: 'target-tls',
    detail: /^TLSv1.3, for origin\.example, by Test, until /,
  });
});

t.test('DNS of the proxy fails', async (t) => {
  const diagnosis = await doctored({ proxy: 'http://no-such-proxy.invalid:3128', target: TARGET });
  assertFault(t, diagnosis, {
    step: 'proxy-dns',
    component: /^DNS of the proxy$/,
    detail: /^no-such-proxy\.invalid: /,
    check: /CoreDNS/,
  });
});

t.test('tier 1 does not answer to a connection, or refuses it', async (t) => {
  const silent = await doctored({ proxy: hole.port, target: TARGET, timeoutMs: 300 });
  const fault = {
    step: 'tier1-tcp',
    component: /^tier 1 /,
    check: /Service and the Pods of tier 1/,
  } as const;
  assertFault(t, silent, { ...fault, detail: /: no answer in 300 ms$/ });
  const refused = await doctored({ proxy: closed, target: TARGET });
  assertFault(t, refused, { ...fault, detail: /: connection refused \(ECONNREFUSED\)$/ });
});

t.test('tier 1 says no', async (t) => {
  const diagnosis = await doctored({ proxy: t1.port, target: 'denied1.example:443' });
  assertFault(t, diagnosis, {
    step: 'tier1-verdict',
    component: /^tier 1 \(t1\)$/,
    detail: /^t1 answered 403 Denied by t1 rule never/,
    check: /ACL rules of t1/,
  });
  t.match(diagnosis.transaction, /^[\da-f]{16}-\d+$/, 'with the id for the log');
});

t.test('tier 1 cannot reach tier 2', async (t) => {
  for (const [port, detail] of [
    [closed, /503 No peer can be reached \(t1\)/],
    [hole.port, /504 Peer did not answer in time \(t1\)/],
  ] as const) {
    await using alone = await startFirstTier([port], { timeouts: '{ establish: 500ms, connect: 300ms }' });
    const diagnosis = await doctored({ proxy: alone.port, target: TARGET });
    assertFault(t, diagnosis, {
      step: 'tier2-reach',
      component: /^the way from tier 1 \(t1\) to tier 2$/,
      detail,
      check: /firewall rules between the tiers/,
    });
  }
});

t.test('tier 2 says no', async (t) => {
  const diagnosis = await doctored({ proxy: t1.port, target: 'denied2.example:443' });
  assertFault(t, diagnosis, {
    step: 'tier2-verdict',
    component: /^tier 2 \(t2\)$/,
    detail: /^t2 answered 403 Denied by t2 rule never/,
    check: /ACL rules of t2, which is tier 2/,
  });
  t.same(diagnosis.hops, ['t1', 't2']);
  const [record] = t2.records.filter(({ reason }) => reason === 'rule_denied');
  t.equal(diagnosis.transaction, record?.transactionId, 'and the id is that of both logs');
});

t.test('the target cannot be resolved, or does not take the connection', async (t) => {
  const unknown = await doctored({ proxy: t1.port, target: 'no-such-name.example:443' });
  assertFault(t, unknown, {
    step: 'target-dns',
    component: /^DNS of the target, as t2 asks$/,
    detail: /^t2 answered 502 Name cannot be resolved/,
    check: /DNS servers of t2/,
  });
  const fault = {
    step: 'target-tcp',
    component: /^the target origin\.example:\d+, as t2/,
    check: /firewall of t2/,
  } as const;
  const refused = await doctored({ proxy: t1.port, target: `origin.example:${closed}` });
  assertFault(t, refused, { ...fault, detail: /^t2 answered 502 Target refused the connection/ });
  const silent = await doctored({ proxy: t1.port, target: `origin.example:${hole.port}` });
  assertFault(t, silent, { ...fault, detail: /^t2 answered 504 Target did not answer in time/ });
});

t.test('TLS of the target does not hold', async (t) => {
  const fault = { step: 'target-tls', component: /^TLS of the target / } as const;
  const stranger = await doctored({ proxy: t1.port, target: TARGET });
  const untrusted = { ...fault, check: /certificate of the target/ };
  assertFault(t, stranger, { ...untrusted, detail: /^certificate of none of the authorities/ });
  const other = await doctored({ proxy: t1.port, target: `other.example:${secure.port}`, ca });
  assertFault(t, other, { ...untrusted, detail: /^certificate is for another name than other\.example/ });
  const old = await issuer.issue('old', { names: 'DNS:origin.example', days: -1 });
  await using expired = await tlsOrigin(old, () => {});
  const late = await doctored({ proxy: t1.port, target: `origin.example:${expired.port}`, ca });
  assertFault(t, late, { ...untrusted, detail: /^certificate has expired/ });
  await using plain = await echoOrigin();
  const none = await doctored({
    proxy: t1.port,
    target: `origin.example:${plain.port}`,
    ca,
    timeoutMs: 1000,
  });
  assertFault(t, none, { ...fault, detail: /TLS/, check: /speaks TLS on this port/ });
  const insecure = await doctored({ proxy: t1.port, target: TARGET, isInsecure: true });
  t.equal(insecure.fault, undefined);
  t.match(insecure.steps.at(-1), { notes: [/^The certificate does not hold/] });
});

t.test('a plain request, and what an origin says of hops', async (t) => {
  await using origin = await httpOrigin((request, response) => {
    const forged = 't2;error=http_request_denied;details="rule_denied rule=never"';
    const lie =
      request.url === '/lie' ? { 'Proxy-Status': forged, 'Weir-Transaction': '0123456789abcdef-1' } : {};
    response.writeHead(request.url === '/' ? 200 : 403, lie).end('hello\n');
  });
  const ask = (path: string, host = 'origin') =>
    doctored({ proxy: t1.port, target: `http://${host}.example:${origin.port}${path}` });
  const open = await ask('/?secret=1');
  t.equal(open.fault, undefined, marksOf(open));
  t.match(open.steps.at(-1), { step: 'target-answer', mark: 'ok', detail: '403 Forbidden' });
  t.equal(open.target.includes('secret'), false);
  const lied = await ask('/lie');
  t.match(
    lied.fault,
    { step: 'target-answer', detail: /who made it cannot be told$/ },
    'it leads to no tier',
  );
  t.notMatch(marksOf(lied), /tier\d-\w+ ✗/);
  t.same(lied.hearsay, ['t2: http_request_denied, rule_denied rule=never']);
  const refused = await ask('/', 'denied2');
  t.match(refused, { fault: { step: 'tier2-verdict', component: 'tier 2 (t2)' } }, marksOf(refused));
  const first = await ask('/', 'denied1');
  t.match(first, { fault: { step: 'tier1-verdict', component: 'tier 1 (t1)' } }, marksOf(first));
});
