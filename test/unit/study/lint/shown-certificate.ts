import t from 'tap';
import { asShown, shownBy } from '#study/lint/shown-certificate.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';
import { Issuer } from '../../../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const [t1, t2] = await Promise.all([
  issuer.issue('t1', { names: 'DNS:t1.test' }),
  issuer.issue('t2', { names: 'DNS:t2.test' }),
]);
const ACCESS = 'access: [{ name: everything, allow: [all] }]';

t.test('shownBy() has the names of the certificate that tier 1 shows', async (t) => {
  const tls = `{ ca: ${issuer.caFile}, cert: ${t1.certFile}, key: ${t1.keyFile} }`;
  const first = await firstTier(
    `${ACCESS}\npeers: { p: { address: "t2.test:3128", tls: ${tls} } }\nroutes: [{ name: out, peers: [p] }]`,
  );
  const asks = `tls: { cert: ${t2.certFile}, key: ${t2.keyFile}, clientCa: ${issuer.caFile} }`;
  const listener = (keys: string): string => `{ name: main, address: 127.0.0.1:3128${keys} }`;
  const second = await secondTier(`${ACCESS}\nlisteners: [${listener(`, ${asks}`)}]`);
  t.ok(shownBy(first.config, second.config)?.has('dns:t1.test'));
  const plain = await secondTier(`${ACCESS}\nlisteners: [${listener('')}]`);
  t.equal(shownBy(first.config, plain.config), undefined);
});

t.test('asShown() answers what is asked of the certificate', async (t) => {
  const ports = [{ first: 443, last: 443, text: '443' }];
  const policy = {
    acls: {
      ours: { clientCerts: ['dns:t1.test'] },
      ours_tls: { clientCerts: ['dns:x.test', 'dns:t1.test'], ports },
      others: { clientCerts: ['dns:x.test'], ports },
      tls: { ports },
    },
    access: [],
  };
  t.equal(asShown(policy, undefined), policy, 'nobody knows');
  t.same(asShown(policy, new Set(['dns:t1.test'])), {
    acls: {
      ours: { ports: [{ first: 1, last: 65_535, text: '1-65535' }] },
      ours_tls: { ports },
      others: { ports: [] },
      tls: { ports },
    },
    access: [],
  });
});
