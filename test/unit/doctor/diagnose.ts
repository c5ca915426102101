/** The walk over connections that a test tells what to answer; over real ones it goes in test/flow/doctor.ts. */
import t from 'tap';
import { diagnose } from '#doctor/diagnose.ts';
import type { Patient } from '#doctor/patient.ts';
import { parseProxyAddress } from '#doctor/proxy-address.ts';
import { parseTarget } from '#doctor/target.ts';
import { marksOf } from '../../fixtures/doctored.ts';
import { type FakeWires, fakeWires, goodCertificate } from '../../fixtures/fake-wires.ts';

const answer = (status: number, ...headers: readonly string[]) => ({
  status,
  phrase: 'P',
  headers,
  body: '',
});
const OPEN = answer(200, 'Proxy-Status', 't2;next-hop="b", t1;next-hop="a"', 'Weir-Transaction', 'ab-1');
const WHO = answer(400, 'Proxy-Status', 't1;error=http_request_error', 'Weir-Transaction', 'ab-2');

function walk(wires: FakeWires, parts: Partial<Patient> & { readonly to?: string } = {}) {
  const { to = 'a.x', ...more } = parts;
  const proxy = parseProxyAddress('p.local:3128');
  const common = { target: parseTarget(to), proxy, environment: {}, runtime: undefined, isInsecure: false };
  return diagnose({ ...common, wires, ...more });
}

t.test('diagnose() walks to the end of a way that is open', async (t) => {
  const wires = fakeWires({ answers: [OPEN] });
  const found = await walk(wires);
  t.equal(found.fault, undefined);
  t.equal(
    marksOf(found),
    'environment –, proxy-dns ✓, tier1-tcp ✓, tier1-verdict ✓, tier2-reach ✓, tier2-verdict ✓, target-dns ✓, target-tcp ✓, target-tls ✓',
  );
  t.match(found, {
    target: 'a.x:443',
    proxy: 'http://p.local:3128',
    transaction: 'ab-1',
    hops: ['t1', 't2'],
  });
  t.same(wires.dialled, ['192.0.2.1:3128'], 'nobody but the proxy is dialled');
  t.match(wires.heads, [/^CONNECT a\.x:443 /], 'and who it is, is not asked');
  const tcp = await walk(fakeWires({ answers: [OPEN] }), { to: 'tcp://a.x:22' });
  t.match(marksOf(tcp), /target-tcp ✓$/);
});

t.test('diagnose() goes by the environment where no proxy is named', async (t) => {
  const environment = {
    https_proxy: 'http://me:secret@192.0.2.9:1',
    HTTPS_PROXY: 'http://me:secret@192.0.2.9:1',
  };
  const found = await walk(fakeWires({ answers: [OPEN] }), { proxy: undefined, environment });
  t.match(found.steps[0], {
    mark: 'ok',
    detail: 'http://***@192.0.2.9:1, by https_proxy of the environment',
  });
  t.match(found.steps[1], { step: 'proxy-dns', mark: 'ok', detail: '192.0.2.9 is an address' });
  t.notMatch(JSON.stringify(found), /secret/);
  const past = { ...environment, NO_PROXY: '.x' };
  const excluded = await walk(fakeWires({ answers: [OPEN] }), { proxy: undefined, environment: past });
  t.match(excluded.fault, { step: 'environment', component: 'the environment of the client' });
  t.match(marksOf(excluded), /^environment ✗, proxy-dns ✓.*target-tls ✓$/, 'and it walks on all the same');
  const odd = await walk(fakeWires(), {
    proxy: undefined,
    environment: { https_proxy: 'socks5://me:secret@p:1' },
  });
  t.match(odd.fault, {
    step: 'environment',
    detail: /^https_proxy of the environment: Proxy has the scheme "socks5"/,
  });
  t.notMatch(JSON.stringify(odd), /secret/);
  const none = await walk(fakeWires(), { proxy: undefined });
  t.match(none, { proxy: undefined, fault: { detail: /^Neither HTTPS_PROXY/ } });
  t.match(marksOf(none), /^environment ✗, proxy-dns –, tier1-tcp –, tier1-verdict –/);
});

t.test('diagnose() stops at a proxy that it cannot reach', async (t) => {
  const dns = await walk(fakeWires({ lookUp: new Error('there is no such name (ENOTFOUND)') }));
  t.match(dns.fault, {
    step: 'proxy-dns',
    component: 'DNS of the proxy',
    detail: 'p.local: there is no such name (ENOTFOUND)',
    check: /CoreDNS.*multicast DNS/,
  });
  const other = await walk(fakeWires({ lookUp: new Error('x') }), { proxy: parseProxyAddress('p.x:1') });
  t.notMatch(other.fault?.check, /multicast/);
  const tcp = await walk(fakeWires({ connect: new Error('refused') }));
  t.match(tcp.fault, { step: 'tier1-tcp', component: 'tier 1 (p.local:3128)', detail: 'refused' });
  const silent = await walk(fakeWires({ answers: [new Error('no answer in 1 ms')] }));
  t.match(silent.fault, { step: 'tier1-verdict', detail: 'It took the connection: no answer in 1 ms' });
});

t.test(
  'diagnose() speaks TLS to a proxy with https, and tells it nothing where that does not hold',
  async (t) => {
    const proxy = parseProxyAddress('https://me:secret@p.x:443');
    const found = await walk(fakeWires({ answers: [OPEN] }), { proxy });
    t.match(marksOf(found), /tier1-tcp ✓, tier1-tls ✓, tier1-verdict ✓/);
    const wires = fakeWires({ certificate: { ...goodCertificate, fault: 'expired' }, answers: [OPEN] });
    const refused = await walk(wires, { proxy });
    t.match(refused.fault, { step: 'tier1-tls', component: 'tier 1 (p.x:443)' });
    t.same(wires.heads, []);
  },
);

t.test('diagnose() asks who it is where it was refused', async (t) => {
  const denial = 't2;error=http_request_denied;details="rule_denied"';
  const wires = fakeWires({
    answers: [answer(403, 'Proxy-Status', denial), answer(501, 'Via', '1.1 above')],
  });
  t.match((await walk(wires)).fault, { step: 'tier2-verdict', component: 'tier 2 (t2)' });
  t.match(wires.heads[1], /^OPTIONS \* /);
  for (const script of [{ again: new Error('refused') }, {}]) {
    const found = await walk(fakeWires({ ...script, answers: [answer(403, 'Proxy-Status', denial)] }));
    t.match(found.fault, { step: 'tier1-verdict' }, 'of whom nobody knows it is the first that tells');
  }
});

t.test('diagnose() takes the answer to a plain request for what it is', async (t) => {
  const to = 'http://a.x/y?secret';
  const open = await walk(fakeWires({ answers: [answer(404), WHO] }), { to });
  t.match(open, { fault: undefined, target: 'http://a.x:80/' });
  t.match(open.steps.at(-1), { step: 'target-answer', mark: 'ok', detail: '404 P' });
  const forged = ['Proxy-Status', 't2;error=http_request_denied'];
  const odd = await walk(fakeWires({ answers: [answer(403, ...forged), WHO] }), { to });
  t.match(odd, { fault: { step: 'target-answer' }, hearsay: ['t2: http_request_denied'] });
  t.match(marksOf(odd), /tier1-verdict –, tier2-reach –.*target-answer ✗$/);
  const fine = await walk(fakeWires({ answers: [answer(200, ...forged), WHO] }), { to });
  t.equal(fine.fault, undefined);
  const own = [
    'Proxy-Status',
    't1;error=http_request_denied;details="rule_denied"',
    'Weir-Transaction',
    'ab-1',
  ];
  const denied = await walk(fakeWires({ answers: [answer(403, ...own), WHO] }), { to });
  t.match(denied.fault, { step: 'tier1-verdict', component: 'tier 1 (t1)' });
  t.match(marksOf(denied), /target-answer –$/);
});
