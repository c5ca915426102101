/** deploy/steps/certificates.ts: what is missing is made, and what is there is never replaced, however broken it is. */
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { Site } from '../fixtures/deploy/site.ts';
import { refused, type Tool } from '../fixtures/deploy/tool.ts';

t.test('a certificate or a key that is there and broken is refused, and left as it is', async (t) => {
  const site = new Site(t);
  const path = (name: string): string => join(site.secrets, name);
  const run = (): ReturnType<Site['run']> => site.run(deployMain, ['--only', 'certificates']);
  await site.run(deployMain, ['--until', 'certificates']);
  const [pem, key, ca] = ['t1.pem', 't1.key', 'ca.pem'].map((name) => readFileSync(path(name))) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  for (const [name, bytes, what] of [
    ['t1.pem', pem.subarray(0, pem.length / 2), /t1\.pem is no certificate/],
    ['t1.pem', Buffer.alloc(0), /t1\.pem is no certificate/],
    ['t1.pem', ca, /t1\.pem and its key are no pair/],
    ['t1.key', key.subarray(0, key.length / 2), /t1\.pem is there, and .*t1\.key is no private key/],
    ['t1.key', undefined, /t1\.pem is there without its key/],
    ['ca.pem', Buffer.from('torn'), /ca\.pem is no certificate\n.*"Keys and certificates, changed"/],
  ] as const) {
    const before = readFileSync(path(name));
    if (bytes === undefined) rmSync(path(name));
    else writeFileSync(path(name), bytes);
    const { status, err } = await run();
    t.equal(status, 1);
    t.match(err.at(-2), what);
    t.match(err.at(-2), /To do: bring (?:it|both)/);
    if (bytes !== undefined) t.same(readFileSync(path(name)), bytes, 'as it was');
    writeFileSync(path(name), before);
  }
  t.match(await run(), { status: 0 });
  t.same(readFileSync(path('t1.pem')), pem);
});

t.test(
  'what was moved away is made anew, but for an authority of which there are certificates',
  async (t) => {
    const site = new Site(t);
    const path = (name: string): string => join(site.secrets, name);
    await site.run(deployMain, ['--until', 'certificates']);
    for (const half of ['pem', 'key']) renameSync(path(`t1.${half}`), path(`old.${half}`));
    t.match(await site.run(deployMain, ['--until', 'keys']), { status: 0 });
    t.match(readFileSync(path('t1.pem'), 'utf8'), /BEGIN CERTIFICATE/);
    const audit = 'vm/int-proxy-b/audit';
    rmSync(path(`${audit}.key`));
    const lost = await site.run(deployMain, ['--until', 'keys']);
    t.equal(lost.status, 1);
    t.match(lost.err[0], /audit\.key is gone, and its public half is there\n {2}To do: bring it back/);
    rmSync(path(`${audit}.pub`));
    for (const key of [`${audit}.key`, 'hop.key']) {
      rmSync(path(key), { force: true });
      t.match(await site.run(deployMain, ['--until', 'keys']), { status: 0 });
      t.ok(existsSync(path(key)), key);
    }
    for (const half of ['pem', 'key']) rmSync(path(`ca.${half}`));
    const { status, err } = await site.run(deployMain, ['--only', 'certificates']);
    t.equal(status, 1);
    t.match(err.at(-2), /ca\.pem is gone, and there are certificates of it/);
  },
);

t.test("a key without a certificate gets one, the authority's too, and is never another one", async (t) => {
  const site = new Site(t);
  mkdirSync(site.secrets, { mode: 0o700 });
  const keys = ['ca', 't1'].map((name) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const file = join(site.secrets, name);
    writeFileSync(`${file}.key`, pem, { mode: 0o600 });
    return { file, pem };
  });
  t.match(await site.run(deployMain, ['--until', 'certificates']), { status: 0 });
  for (const { file, pem } of keys) {
    t.equal(readFileSync(`${file}.key`, 'utf8'), pem);
    t.ok(new X509Certificate(readFileSync(`${file}.pem`)).checkPrivateKey(createPrivateKey(pem)));
  }
  for (const { file } of keys.toReversed()) {
    rmSync(`${file}.pem`);
    writeFileSync(`${file}.key`, 'torn');
    rmSync(join(site.secrets, 'vm'), { recursive: true, force: true });
    const { status, err } = await site.run(deployMain, ['--only', 'certificates']);
    t.equal(status, 1);
    t.match(err.at(-2), new RegExp(`${file}\\.key is no private key\n.*To do: bring both halves back`));
    t.equal(readFileSync(`${file}.key`, 'utf8'), 'torn', 'as it was');
  }
});

t.test(
  'an openssl that is killed while it writes leaves nothing that has to be mended by hand',
  async (t) => {
    for (let killedAt = 1; ; killedAt += 1) {
      const site = new Site(t);
      const openssl = site.tools.openssl as Tool;
      let count = 0;
      site.tools.openssl = async (args, input) => {
        const answer = await openssl(args, input);
        if (args[0] === 'version') return answer;
        count += 1;
        if (count !== killedAt) return answer;
        const file = args[args.indexOf('-out') + 1] ?? '';
        truncateSync(file, Math.floor(statSync(file).size / 2));
        return refused('Killed');
      };
      const first = await site.run(deployMain, ['--until', 'certificates']);
      if (count < killedAt) {
        t.equal(count, 11, 'each was killed once');
        break;
      }
      t.equal(first.status, 1);
      t.match(
        await site.run(deployMain, ['--until', 'certificates']),
        { status: 0 },
        `killed at ${killedAt}`,
      );
    }
  },
);
