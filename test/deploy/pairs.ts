/** deploy/steps/pairs.ts: a certificate or a key that cannot work is refused before anything is sent anywhere. */
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { readSettings } from '../../deploy/lib/settings.ts';
import { faultsOf, requireFit } from '../../deploy/steps/pairs.ts';
import { Site } from '../fixtures/deploy/site.ts';
import { Issuer } from '../fixtures/tls.ts';

const DAY_MS = 86_400_000;

/** A site with certificates, and what is wrong with them so many days from now. */
async function certified(t: Test, caKey?: string) {
  const site = new Site(t);
  const path = (name: string): string => join(site.secrets, name);
  mkdirSync(site.secrets, { mode: 0o700 });
  if (caKey !== undefined) writeFileSync(path('ca.key'), caKey);
  t.match(await site.run(deployMain, ['--until', 'certificates']), { status: 0 });
  const settings = readSettings(site.settings);
  const wrong = (days = 0, minDays = 0): readonly string[] =>
    faultsOf(settings, { nowMs: Date.now() + days * DAY_MS, minDays }).map(({ message }) =>
      message.replaceAll(`${site.secrets}/`, ''),
    );
  return { site, path, settings, wrong };
}

/** Of the same name as the one that is made, and another key. */
async function stranger(t: Test) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return certified(t, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
}

t.test('what is there is good for a time, and not before it or after', async (t) => {
  const { wrong } = await certified(t);
  t.same(wrong(), []);
  const files = ['t1.pem', 'vm/int-proxy-a/t2.pem', 'vm/int-proxy-b/t2.pem'];
  t.same(wrong(80), []);
  t.same(
    wrong(80, 14),
    files.map((file) => `${file} ends in 9 days`),
  );
  t.match(
    wrong(91),
    files.map((file) => new RegExp(`^${file} ended 20\\d\\d-.*Z$`)),
  );
  t.match(wrong(-1), [
    /^ca\.pem is good from .*Z on, and not yet$/,
    ...files.map((file) => new RegExp(`^${file} is good from`)),
  ]);
  t.match(wrong(4000)[0], /^ca\.pem ended 20/);
});

t.test(
  'one of another authority is refused before anything is done, in a dry run as well, and once',
  async (t) => {
    const { site, path, wrong } = await certified(t);
    const other = await stranger(t);
    for (const half of ['pem', 'key']) copyFileSync(other.path(`t1.${half}`), path(`t1.${half}`));
    t.same(wrong(), ['t1.pem is not signed by the authority in ca.pem']);
    const before = site.changes.length;
    const asked = site.asked.length;
    for (const args of [['--dry-run'], [], ['--only', 'secrets'], ['--only', 'vm-install:int-proxy-a']]) {
      const { status, out, err } = await site.run(deployMain, args);
      t.match([status, out, err.length], [1, [], 2], args.join(' '));
      t.match(
        err[0],
        /^✗ before .*\n.*t1\.pem is not signed by .*\n {2}To do: move it away, .*: it is made anew$/,
      );
    }
    t.same([site.changes.length, site.asked.length], [before, asked], 'nothing was started');
    rmSync(path('t1.pem'));
    t.match(await site.run(deployMain, ['--until', 'secrets']), { status: 0 }, 'what was said mends it');
  },
);

t.test('all that is wrong is said; who has no authority is not asked whose he is', async (t) => {
  const { path, wrong } = await certified(t);
  writeFileSync(path('t1.key'), '');
  rmSync(path('vm/int-proxy-a/t2.key'));
  for (const half of ['pem', 'key']) copyFileSync(path(`vm/int-proxy-b/t2.${half}`), path(`ca.${half}`));
  t.same(wrong(), [
    'ca.pem is no authority',
    't1.pem is there, and t1.key is no private key',
    'vm/int-proxy-a/t2.pem is there without its key',
  ]);
});

t.test('while one authority takes the place of another those of both are good, and either key', async (t) => {
  const { path, wrong } = await certified(t);
  const other = await stranger(t);
  appendFileSync(path('ca.pem'), readFileSync(other.path('ca.pem')));
  for (const half of ['pem', 'key']) copyFileSync(other.path(`t1.${half}`), path(`t1.${half}`));
  t.same(wrong(), []);
  copyFileSync(other.path('ca.key'), path('ca.key'));
  t.same(wrong(), []);
});

t.test(
  'what stands behind a certificate in its file may have signed it, and its key is that of the first',
  async (t) => {
    const { path, wrong } = await certified(t);
    await using issuer = await Issuer.open();
    const between = await issuer.issue('between', {
      names: 'DNS:between\nbasicConstraints=critical,CA:TRUE',
    });
    const leaf = await issuer.issue('t1', { names: 'DNS:t1.intra-proxy', by: between });
    writeFileSync(path('ca.pem'), issuer.ca);
    copyFileSync(join(issuer.folder, 'ca.key'), path('ca.key'));
    rmSync(path('vm'), { recursive: true });
    writeFileSync(path('t1.key'), leaf.key);
    writeFileSync(path('t1.pem'), leaf.cert);
    t.same(wrong(), ['t1.pem is not signed by the authority in ca.pem']);
    writeFileSync(path('t1.pem'), leaf.cert + between.cert);
    t.same(wrong(), []);
    writeFileSync(path('t1.pem'), between.cert + leaf.cert);
    t.same(wrong(), ['t1.pem and its key are no pair']);
    // The authority of the fixture ends in 60 days, and this one in 90.
    const long = await issuer.issue('t1', { names: 'DNS:t1.intra-proxy', days: 90 });
    writeFileSync(path('t1.key'), long.key);
    writeFileSync(path('t1.pem'), long.cert);
    t.same(wrong(50), []);
    t.same(wrong(50, 14), ['t1.pem ends with what signed it in 9 days']);
    const none = await issuer.issue('none');
    const ended = await issuer.issue('ended', {
      names: 'DNS:ended\nbasicConstraints=critical,CA:TRUE',
      days: 10,
    });
    for (const by of [none, ended]) {
      const { cert, key } = await issuer.issue('t1', { names: 'DNS:t1.intra-proxy', by });
      writeFileSync(path('t1.key'), key);
      writeFileSync(path('t1.pem'), cert + by.cert);
      t.same(wrong(20), ['t1.pem is not signed by the authority in ca.pem']);
    }
  },
);

t.test('what is to be sent has to be there', async (t) => {
  const { site, path, settings } = await certified(t);
  t.match(requireFit(settings), /^the first ends 20\d\d-/);
  rmSync(path('vm/int-proxy-a'), { recursive: true });
  const { status, err } = await site.run(deployMain, ['--only', 'vm-install:int-proxy-a']);
  t.equal(status, 1);
  t.match(
    err.join('\n'),
    /int-proxy-a\/t2\.pem is not there\n {2}To do: have it made, or taken: deploy\/deploy --settings \S+prod\.env --only certificates$/m,
  );
});
