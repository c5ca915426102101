import t from 'tap';
import type { Patient } from '#doctor/patient.ts';
import { parseProxyAddress } from '#doctor/proxy-address.ts';
import { chooseProxy, reachTier1 } from '#doctor/reach-tier1.ts';
import { Walk } from '#doctor/step.ts';
import { parseTarget } from '#doctor/target.ts';
import { fakeWires, goodCertificate } from '../../fixtures/fake-wires.ts';

const URL = 'http://me:secret@192.0.2.9:1';

function patientWith(parts: Partial<Patient>): Patient {
  const common = { target: parseTarget('a.x'), environment: {}, runtime: undefined, isInsecure: false };
  return { ...common, proxy: undefined, wires: fakeWires(), ...parts };
}

function chosen(parts: Partial<Patient>) {
  const walk = new Walk();
  return { proxy: chooseProxy(walk, patientWith(parts)), step: walk.steps[0], fault: walk.fault };
}

t.test('chooseProxy() takes the one that is named, or that of the environment', async (t) => {
  const proxy = parseProxyAddress('p:1');
  t.match(chosen({ proxy }), { proxy, step: { step: 'environment', mark: 'unknown' } });
  const environment = { https_proxy: URL, HTTPS_PROXY: URL };
  t.match(chosen({ environment }), {
    proxy: { text: 'http://***@192.0.2.9:1' },
    step: { mark: 'ok', detail: 'http://***@192.0.2.9:1, by https_proxy of the environment' },
  });
  t.match(chosen({ environment: { ...environment, NO_PROXY: '.x' } }), {
    proxy: { text: /./ },
    fault: { step: 'environment', detail: /NO_PROXY has "\.x"/ },
  });
  t.match(chosen({}), { proxy: undefined, fault: { detail: /^Neither/ } });
  const odd = chosen({ environment: { https_proxy: 'socks5://me:secret@p:1' } });
  t.match(odd, {
    proxy: undefined,
    fault: { detail: /^https_proxy of the environment: Proxy has the scheme/ },
  });
  t.notMatch(JSON.stringify([odd, chosen({ environment })].map(({ step }) => step)), /secret/);
});

/** What came of it. */
async function reached(url: string, parts: Partial<Patient>) {
  const walk = new Walk();
  const connection = await reachTier1(walk, patientWith(parts), parseProxyAddress(url));
  return { connection, fault: walk.fault, steps: walk.steps };
}

t.test('reachTier1() connects', async (t) => {
  const wires = fakeWires({ lookUp: ['192.0.2.1', '192.0.2.2'] });
  const open = await reached('p.x:3128', { wires });
  t.ok(open.connection);
  t.match(open.steps, [
    { step: 'proxy-dns', mark: 'ok', detail: 'p.x is 192.0.2.1, 192.0.2.2' },
    { step: 'tier1-tcp', mark: 'ok' },
  ]);
  t.same(wires.dialled, ['192.0.2.1,192.0.2.2:3128']);
  t.match((await reached('192.0.2.7:1', {})).steps[0], { detail: '192.0.2.7 is an address' });
  t.match((await reached('https://p.x:1', {})).steps.at(-1), { step: 'tier1-tls', mark: 'ok' });
});

t.test('reachTier1() tells why there is no connection', async (t) => {
  const noName = { wires: fakeWires({ lookUp: new Error('no such name') }) };
  t.match(await reached('p.local:1', noName), {
    connection: undefined,
    fault: {
      step: 'proxy-dns',
      component: 'DNS of the proxy',
      detail: 'p.local: no such name',
      check: /CoreDNS.*RFC 6762/,
    },
  });
  t.notMatch((await reached('p.x:1', noName)).fault?.check, /RFC 6762/);
  t.match(await reached('p.x:1', { wires: fakeWires({ connect: new Error('refused') }) }), {
    connection: undefined,
    fault: {
      step: 'tier1-tcp',
      component: 'tier 1 (p.x:1)',
      detail: 'refused',
      check: /Service and the Pods/,
    },
  });
  const certificate = { ...goodCertificate, fault: 'expired' };
  t.match(await reached('https://p.x:1', { wires: fakeWires({ certificate }) }), {
    connection: undefined,
    fault: { step: 'tier1-tls', component: 'tier 1 (p.x:1)' },
  });
});
