/** deploy/steps/certificates.ts: what is missing is made, and what is there is never replaced, however broken it is. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { Site } from '../fixtures/deploy/site.ts';

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
    t.match(await site.run(deployMain, ['--only', 'certificates']), { status: 0 });
    t.match(readFileSync(path('t1.pem'), 'utf8'), /BEGIN CERTIFICATE/);
    for (const half of ['pem', 'key']) rmSync(path(`ca.${half}`));
    const { status, err } = await site.run(deployMain, ['--only', 'certificates']);
    t.equal(status, 1);
    t.match(err.at(-2), /ca\.pem is gone, and there are certificates of it/);
  },
);
