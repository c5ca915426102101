/** Doctor beside a real Squid in either place, and from the command line through two tiers with workers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { WEIR } from '../../scripts/lib/weir-process.ts';
import { assertFault, doctored, marksOf } from '../fixtures/doctored.ts';
import { tlsOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { run } from '../fixtures/run.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { Squid } from '../fixtures/squid.ts';
import { Issuer } from '../fixtures/tls.ts';
import { needTool } from '../fixtures/tools.ts';
import { startWeir, startWeirBy } from '../fixtures/weir.ts';

t.setTimeout(120_000);

const issuer = owned(t, await Issuer.open());
const { ca, caFile } = issuer;
const certificate = await issuer.issue('origin', { names: 'DNS:origin.example' });
const origin = owned(t, await tlsOrigin(certificate, (_request, response) => void response.end()));
const closed = await closedPort();
const TARGET = `origin.example:${origin.port}`;
const DENIED = 'denied.example:443';

/** A Squid that goes out by itself. */
const LAST = [
  'acl denied dstdomain denied.example',
  'http_access deny denied',
  'http_access allow all',
  'connect_timeout 2 seconds',
];
/** One that has only this way. */
const through = (port: number): string[] => [
  `cache_peer 127.0.0.1 parent ${port} 0 no-query no-digest default`,
  'never_direct allow all',
  'acl denied1 dstdomain denied1.example',
  'http_access deny denied1',
  'http_access allow all',
];
const hosts = ['origin.example', 'denied.example', 'denied1.example'];

t.test('Squid as tier 2 under Weir', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  const squid = await Squid.start(t, program, { name: 'doctorbelow', lines: LAST, hosts });
  await using weir = await startProxy(
    yamlOf({
      name: 't1',
      peers: `{ p: { address: 127.0.0.1:${squid.port} } }`,
      routes: '[{ name: out, peers: [p] }]',
    }),
  );
  const open = await doctored({ proxy: weir.port, target: TARGET, ca });
  t.equal(open.fault, undefined, marksOf(open));
  const denied = await doctored({ proxy: weir.port, target: DENIED });
  assertFault(t, denied, {
    step: 'tier2-verdict',
    component: /^tier 2 \(doctorbelow\)$/,
    detail: /^doctorbelow answered 403 Forbidden \(ERR_ACCESS_DENIED\)$/,
    check: /ACL rules of doctorbelow/,
  });
  t.match(denied.transaction, /-\d+$/, 'and tier 1 has it in its log');
  const refused = await doctored({ proxy: weir.port, target: `origin.example:${closed}` });
  assertFault(t, refused, {
    step: 'target-tcp',
    component: /^the target origin\.example:\d+, as doctorbelow reaches it$/,
    detail: /503 .*ERR_CONNECT_FAIL/,
    check: /./,
  });
});

t.test('Squid as tier 1 over Weir, over nothing, and over Squid', async (t) => {
  const program = await needTool(t, 'squid');
  if (program === undefined) return;
  await using weir = await startProxy(
    yamlOf({
      name: 't2',
      acls: '{ denied: { dstDomains: [denied.example] } }',
      access: '[{ name: never, deny: [denied] }, { name: most, allow: [all] }]',
    }),
  );
  const start = (name: string, lines: readonly string[]) => Squid.start(t, program, { name, lines, hosts });
  const [above, dead, below] = await Promise.all([
    start('doctorabove', through(weir.port)),
    start('doctordead', through(closed)),
    start('doctorbelow', LAST),
  ]);
  const both = await start('doctorboth', through(below.port));

  const open = await doctored({ proxy: above.port, target: TARGET, ca });
  t.equal(open.fault, undefined, marksOf(open));
  t.match(marksOf(open), /tier1-verdict ✓, tier2-reach –/, 'what it does not tell is not known');
  const denied1 = await doctored({ proxy: above.port, target: 'denied1.example:443' });
  t.match(denied1.fault, { step: 'tier1-verdict', component: 'tier 1 (doctorabove)' }, marksOf(denied1));
  const denied = await doctored({ proxy: above.port, target: DENIED });
  t.match(
    denied.fault,
    {
      step: 'tier2-verdict',
      component: 'tier 2 (t2)',
      detail: /^t2 answered 403 Forbidden \(.*rule=never\)$/,
    },
    marksOf(denied),
  );
  t.same(denied.hops, ['doctorabove', 't2']);
  const unknown = await doctored({ proxy: above.port, target: 'no-such.example:443' });
  t.match(unknown.fault, { step: 'target-dns', component: /as t2 asks/ }, marksOf(unknown));
  const refused = await doctored({ proxy: above.port, target: `origin.example:${closed}` });
  t.match(refused.fault, { step: 'target-tcp', component: /as t2 reaches it/ }, marksOf(refused));

  const nowhere = await doctored({ proxy: dead.port, target: TARGET });
  t.match(
    nowhere.fault,
    {
      step: 'tier2-reach',
      component: 'the way from tier 1 (doctordead) to tier 2',
      detail: /ERR_CANNOT_FORWARD/,
    },
    marksOf(nowhere),
  );
  const deniedBelow = await doctored({ proxy: both.port, target: DENIED });
  t.match(
    deniedBelow.fault,
    { step: 'tier2-verdict', component: 'tier 2 (doctorbelow)' },
    marksOf(deniedBelow),
  );
});

t.test('weir doctor, through two tiers with workers', async (t) => {
  const folder = folderOf(t);
  const t2 = await startWeir(
    t,
    yamlOf({
      name: 't2',
      acls: '{ near: { src: [127.0.0.0/8] }, denied: { dstDomains: [denied.example] } }',
      access: '[{ name: never, deny: [denied] }, { name: most, allow: [near] }]',
      hop: '{ trust: { from: [near] } }',
    }),
  );
  const file = join(folder, 't1.yaml');
  const peers = `{ p: { address: 127.0.0.1:${t2.port}, hop: true } }`;
  writeFileSync(file, yamlOf({ name: 't1', peers, routes: '[{ name: out, peers: [p] }]' }));
  const t1 = await startWeirBy(t, file, '--workers', '4');
  const doctor = (target: string, env: Record<string, string>, ...args: string[]) =>
    run(WEIR, ['doctor', '--ca', caFile, target, ...args], { env });
  const env = { https_proxy: `http://someone:geheim@127.0.0.1:${t1.port}`, HOME: String(process.env.HOME) };
  const open = await doctor(TARGET, env);
  t.match(open, { status: 0, stderr: '' }, open.stdout);
  t.match(
    open.stdout,
    /^✓ Environment +http:\/\/\*\*\*@127\.0\.0\.1:\d+, by https_proxy of the environment$/m,
  );
  t.match(open.stdout, /^✓ Tier 2, verdict +t2 lets it pass$/m);
  t.match(open.stdout, /^✓ Target, TLS +TLSv1\.3, for origin\.example, by Test/m);
  const denied = await doctor(DENIED, env, '--json');
  t.equal(denied.status, 1);
  const json = JSON.parse(denied.stdout);
  t.match(json, {
    ok: false,
    target: DENIED,
    fault: { step: 'tier2-verdict', component: 'tier 2 (t2)', check: /weir explain/ },
    hops: ['t1', 't2'],
  });
  const record = await t2.record(({ transaction_id }) => transaction_id === json.transaction_id);
  t.match(record, { reason: 'rule_denied', rule: 'never' }, 'the id finds it in the log');
  for (const { stdout } of [open, denied]) t.notMatch(stdout, /geheim|Z2VoZWlt/);
  const unset = await doctor(TARGET, { HTTP_PROXY: `http://127.0.0.1:${t1.port}` });
  t.equal(unset.status, 1);
  t.match(unset.stdout, /^✗ Environment +Neither HTTPS_PROXY nor https_proxy is set; HTTP_PROXY is set/m);
});
