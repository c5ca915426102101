import t from 'tap';
import { Walk } from '#doctor/step.ts';
import { checkTls } from '#doctor/tls-step.ts';
import { type FakeWires, fakeWires, goodCertificate } from '../../fixtures/fake-wires.ts';

const connection = { remote: 'r:1' };

async function step(wires: FakeWires, isInsecure = false) {
  const walk = new Walk();
  const handshake = { step: 'target-tls', connection, host: 'a.x', component: 'TLS of it' } as const;
  const secured = await checkTls(walk, { wires, isInsecure }, handshake);
  return { walk, secured, step: walk.steps[0] };
}

t.test('checkTls() goes on within TLS whose certificate holds', async (t) => {
  const { step: ok, secured } = await step(fakeWires());
  t.match(ok, { mark: 'ok', detail: /^TLSv1\.3, for a\.x, by Test, until 2099-/, notes: [] });
  t.ok(secured);
});

t.test('checkTls() notes an end that is near', async (t) => {
  const certificate = { ...goodCertificate, expiresAt: Date.now() + 86_400_000 };
  t.match((await step(fakeWires({ certificate }))).step, {
    mark: 'ok',
    notes: ['The certificate ends within two weeks'],
  });
  const endless = { ...goodCertificate, expiresAt: undefined };
  t.match((await step(fakeWires({ certificate: endless }))).step, { mark: 'ok', notes: [] });
});

t.test('checkTls() does not go on where the certificate does not hold, unless it is told to', async (t) => {
  const certificate = { ...goodCertificate, fault: 'certificate has expired' };
  const { walk, secured } = await step(fakeWires({ certificate }));
  t.equal(secured, undefined);
  t.match(walk.fault, {
    component: 'TLS of it',
    detail: /^certificate has expired; TLSv1\.3/,
    check: /--ca/,
  });
  const insecure = await step(fakeWires({ certificate }), true);
  t.ok(insecure.secured);
  t.match(insecure.step, { mark: 'ok', notes: ['The certificate does not hold: certificate has expired'] });
});

t.test('checkTls() tells a handshake that broke', async (t) => {
  const { walk, secured } = await step(fakeWires({ secure: new Error('no TLS') }));
  t.equal(secured, undefined);
  t.match(walk.fault, { detail: 'no TLS', check: /A rule with sni may have cut the tunnel/ });
});
