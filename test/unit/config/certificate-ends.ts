import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { certificateEnds, nearEnds } from '#config/certificate-ends.ts';
import type { CertificateEnd } from '#config/config.ts';
import { parseConfig } from '#config/load.ts';
import { config, configText } from '../../fixtures/config.ts';
import { type Issued, Issuer } from '../../fixtures/tls.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-28T00:00Z');

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const between = await issuer.issue('between.test', { days: 3 });
const [leaf, behind, old] = await Promise.all([
  issuer.issue('leaf.test', { days: 30 }),
  issuer.issue('behind.test', { days: 30, by: between }),
  issuer.issue('old.test', { days: -1 }),
]);

t.test('certificateEnds() has each certificate and each authority of a configuration', async (t) => {
  t.same((await config()).certificates, []);
  const bundle = join(issuer.folder, 'bundle.pem');
  const chain = join(issuer.folder, 'chain.pem');
  await writeFile(bundle, `${old.cert}${issuer.ca}`);
  await writeFile(chain, `${behind.cert}${between.cert}`);
  const own = (cert: string, { keyFile }: Issued): string => `cert: ${cert}, key: ${keyFile}`;
  const yaml = configText(
    'peers:',
    `  a: { address: "a.test:1", tls: { ca: ${bundle}, ${own(chain, behind)} } }`,
    `  b: { address: "b.test:1", tls: { ca: ${old.certFile} } }`,
    '  c: { address: "c.test:1" }',
  ).replace(
    /^listeners: .*$/m,
    `listeners:
  - { name: plain, address: 127.0.0.1:0 }
  - { name: main, address: 127.0.0.1:0, tls: { ${own(leaf.certFile, leaf)}, clientCa: ${issuer.caFile} } }
  - { name: open, address: 127.0.0.1:0, tls: { ${own(old.certFile, old)} } }`,
  );
  const { certificates } = await parseConfig(yaml);
  t.same(
    certificates.map(({ use, path, untilMs }) => [
      use,
      path.join('.'),
      Math.round((untilMs - Date.now()) / DAY_MS),
    ]),
    [
      ['listener main', 'listeners.1.tls.cert', 30],
      ['listener main clientCa', 'listeners.1.tls.clientCa', 60],
      ['listener open', 'listeners.2.tls.cert', -1],
      // The first of a chain, and of a bundle the last, to end counts.
      ['peer a', 'peers.a.tls.cert', 3],
      ['peer a ca', 'peers.a.tls.ca', 60],
      ['peer b ca', 'peers.b.tls.ca', -1],
    ],
  );
});

t.test('certificateEnds() takes a text without a certificate for none that ends', async (t) => {
  const tls = { cert: 'x', key: 'x', clientCa: undefined };
  t.match(certificateEnds({ listeners: [{ name: 'main', tls }], peers: {} }), [
    { untilMs: Number.POSITIVE_INFINITY },
  ]);
});

t.test('nearEnds() gives those that have ended or will within 14 days', async (t) => {
  const end = (use: string, afterMs: number): CertificateEnd => ({ use, path: [], untilMs: NOW + afterMs });
  const ends = [
    end('far', 14 * DAY_MS + 1),
    end('near', 14 * DAY_MS),
    end('last moment', 1),
    end('now', 0),
    end('past', -DAY_MS),
  ];
  t.same(
    nearEnds(ends, NOW).map(({ use, isOver }) => [use, isOver]),
    [
      ['near', false],
      ['last moment', false],
      ['now', true],
      ['past', true],
    ],
  );
});
