/** deploy/steps/certificates.ts where cert-manager makes them: they are taken from its Secrets, in each run. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { Site } from '../fixtures/deploy/site.ts';
import { said, type Tool } from '../fixtures/deploy/tool.ts';
import { folderOf } from '../fixtures/owned.ts';

t.test('certificates of cert-manager are taken from its Secrets, and must name the machines', async (t) => {
  const own = new Site(t);
  await own.run(deployMain, ['--until', 'certificates']);
  const base64 = (file: string): string => readFileSync(join(own.secrets, file), 'base64');
  const site = new Site(t, { CERTIFICATES: 'cert-manager' });
  const missing = await site.run(deployMain);
  t.equal(missing.status, 1);
  t.match(missing.err.at(-2), /✗ certificates .*NotFound.*To do: have cert-manager make it/s);
  const machine = 'vm/int-proxy-a/t2';
  const data = {
    'tls.crt': base64(`${machine}.pem`),
    'tls.key': base64(`${machine}.key`),
    'ca.crt': base64('ca.pem'),
  };
  site.cluster.objects.set('intra-proxy/secret/weir-tls', {});
  site.cluster.objects.set('intra-proxy/secret/weir-tier-2', data);
  const wrong = await site.run(deployMain);
  t.match(
    wrong.err.at(-2),
    /int-proxy-b\/t2\.pem does not name int-proxy-b\.aibang\.com\n.*correct the Certificate/,
  );
});

/** As cert-manager makes them: an authority, and one certificate by it for all machines. In base64, as in its Secret. */
function madeFor(t: Test, names: readonly string[]): Readonly<Record<string, string>> {
  const folder = folderOf(t);
  const openssl = (line: string): unknown =>
    execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'ignore' });
  const request = 'req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90';
  openssl(`${request} -keyout ca.key -out ca.crt -subj /CN=ca`);
  const alternative = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
  openssl(
    `${request} -CA ca.crt -CAkey ca.key -keyout tls.key -out tls.crt -subj /CN=t2 -addext basicConstraints=CA:FALSE -addext ${alternative}`,
  );
  const fields = ['tls.crt', 'tls.key', 'ca.crt'];
  return Object.fromEntries(fields.map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

t.test('with those of cert-manager both tiers are in, and nothing is made or written over', async (t) => {
  const site = new Site(t, { CERTIFICATES: 'cert-manager' });
  const hosts = ['int-proxy-a.aibang.com', 'int-proxy-b.aibang.com', 'int-proxy.aibang.com'];
  const tier2 = madeFor(t, hosts);
  const tier1 = { 'tls.crt': 'as it was made' };
  site.cluster.objects.set('intra-proxy/secret/weir-tls', tier1);
  site.cluster.objects.set('intra-proxy/secret/weir-tier-2', tier2);
  const { status, err } = await site.run(deployMain);
  t.equal(status, 0, err.join('\n'));
  t.match(err.join('\n'), /✓ certificates .*✓ secrets .*✓ production /s);
  const text = (name: string): string => Buffer.from(tier2[name] ?? '', 'base64').toString();
  for (const [name, { files }] of site.cloud.machines) {
    t.equal(
      Buffer.from(files.get('weir-deploy/tier-2/t2.pem') ?? '', 'base64').toString(),
      text('tls.crt'),
      name,
    );
    t.equal(files.get('installed/run/weir-deploy/t2.key'), tier2['tls.key'], name);
  }
  t.same(site.cluster.objects.get('intra-proxy/secret/weir-tls'), tier1);
  t.notOk(site.changes.some((line) => /weir-tls|weir-tier-2|^openssl (?:req|x509)/.test(line)));
  t.notOk(existsSync(join(site.secrets, 'ca.key')), 'the authority stays where it is');
});

t.test('what cert-manager has made anew is taken and sent in the next run', async (t) => {
  const folder = new Site(t).folder;
  const one = readFileSync(join(import.meta.dirname, '../../vm/settings.example.env'), 'utf8').replace(
    /^(VMS=[^,\n]*).*$/m,
    '$1',
  );
  writeFileSync(join(folder, 'vm.env'), one);
  const own = new Site(t);
  const site = new Site(t, { CERTIFICATES: 'cert-manager', VM_SETTINGS: join(folder, 'vm.env') });
  const make = async (days: string): Promise<string> => {
    rmSync(own.secrets, { recursive: true, force: true });
    const settings = readFileSync(own.settings, 'utf8').replace(
      /CERTIFICATE_DAYS=.*\n|$/,
      `CERTIFICATE_DAYS=${days}\n`,
    );
    writeFileSync(own.settings, settings);
    t.match(await own.run(deployMain, ['--until', 'certificates']), { status: 0 });
    const base64 = (file: string): string => readFileSync(join(own.secrets, file), 'base64');
    const machine = 'vm/int-proxy-a/t2';
    site.cluster.objects.set('intra-proxy/secret/weir-tier-2', {
      'tls.crt': base64(`${machine}.pem`),
      'tls.key': base64(`${machine}.key`),
      'ca.crt': base64('ca.pem'),
    });
    return base64(`${machine}.pem`);
  };
  site.cluster.objects.set('intra-proxy/secret/weir-tls', {});
  const sent = (): string | undefined =>
    site.cloud.machines.get('int-proxy-a')?.files.get('weir-deploy/tier-2/t2.pem');
  const first = await make('60');
  t.match(await site.run(deployMain), { status: 0 });
  t.equal(sent(), first);
  const renewed = await make('61');
  t.not(renewed, first);
  t.match(await site.run(deployMain), { status: 0 });
  t.equal(sent(), renewed);
  const before = site.changes.length;
  t.match(await site.run(deployMain), { status: 0 });
  t.same(site.changes.slice(before), [], 'and nothing is sent where it is the same');
});

t.test('a Secret that is not whole is refused, and nothing of it is shown', async (t) => {
  const site = new Site(t, { CERTIFICATES: 'cert-manager' });
  site.cluster.objects.set('intra-proxy/secret/weir-tls', {});
  site.cluster.objects.set('intra-proxy/secret/weir-tier-2', { 'tls.crt': '', 'tls.key': 'c2VjcmV0' });
  const { err } = await site.run(deployMain, ['--until', 'certificates']);
  t.match(err.at(-2), /Secret weir-tier-2 has no tls\.crt\n.*To do: make Secret weir-tier-2 in intra-proxy/);
  const kubectl = site.tools.kubectl as Tool;
  site.tools.kubectl = (args, input) =>
    args.includes('--output=json') ? said('very-secret {}') : kubectl(args, input);
  const odd = await site.run(deployMain, ['--until', 'certificates']);
  t.match(odd.err.at(-2), /kubectl does not print Secret weir-tier-2 as JSON/);
  t.notMatch(odd.err.join('\n'), /very/);
});
