/**
 * The names of aibang in its three variants: each leads to the Service that has the name. Two are driven for real: dnsmasq, which
 * kube-dns is made of, sends the stub domain to a server of the zone file, and the script for Cloud DNS runs with a gcloud that
 * writes down what it is asked. CoreDNS cannot be had here: its lines are compared with the Services.
 */
import { Resolver } from 'node:dns/promises';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import { startDaemon } from '../fixtures/daemon.ts';
import { K8S, kustomize, type Manifest, only } from '../fixtures/manifests.ts';
import { host, mayPass, pod, udp } from '../fixtures/network-policies.ts';
import { run } from '../fixtures/run.ts';
import { needTool } from '../fixtures/tools.ts';
import { startUnbound } from '../fixtures/unbound.ts';

t.setTimeout(120_000);

const ZONE = join(K8S, 'dns/kube-dns/intra.aibang.local.zone');
const DOMAIN = 'intra.aibang.local';

/** Addresses of the Services that clients of aibang call by a name of their own. */
async function services(t: Test): Promise<ReadonlyMap<string, string> | undefined> {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return undefined;
  const built = kustomize(kubectl, 'overlays/aibang/intra-proxy').filter(({ kind }) => kind === 'Service');
  const addresses = built.map(({ metadata, spec }) => [
    metadata.name,
    (spec as { clusterIP?: string }).clusterIP,
  ]);
  return new Map(addresses.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

t.test('CoreDNS: each name leads to the Service of that name', async (t) => {
  const known = await services(t);
  if (known === undefined) return;
  const lines = readFileSync(join(K8S, 'dns/coredns/rewrite.conf'), 'utf8').split('\n');
  const rewrites = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const expected = [...known.keys()].map(
    (name) => `rewrite name exact ${name}.${DOMAIN} ${name}.intra-proxy.svc.cluster.local answer auto`,
  );
  t.same(rewrites.sort(), expected.sort());
});

/** Serves the zone file, as CoreDNS does in the cluster. */
async function startZoneServer(t: Test, program: string): Promise<number> {
  const zone = [`name: "${DOMAIN}"`, `zonefile: "${ZONE}"`, 'for-downstream: yes', 'for-upstream: no'];
  const { port } = await startUnbound(t, { program, folder: t.testdir(), sections: [['auth-zone', zone]] });
  return port;
}

t.test('kube-dns: the stub domain leads to the zone, and the zone to the Services', async (t) => {
  const [unbound, dnsmasq, kubectl] = [
    await needTool(t, 'unbound'),
    await needTool(t, 'dnsmasq'),
    await needTool(t, 'kubectl'),
  ];
  const known = await services(t);
  if (unbound === undefined || dnsmasq === undefined || kubectl === undefined || known === undefined) return;
  const built = kustomize(kubectl, 'dns/kube-dns');
  const { data } = only<Manifest & { data: { stubDomains: string } }>(built, 'ConfigMap', 'kube-dns');
  const { spec } = only<Manifest & { spec: { clusterIP: string } }>(built, 'Service', 'intra-dns');
  const stub = JSON.parse(data.stubDomains) as Readonly<Record<string, readonly string[]>>;
  t.same(stub, { [DOMAIN]: [spec.clusterIP] }, 'the domain goes to the server that is there for it');

  const zonePort = await startZoneServer(t, unbound);
  const port = await freePort();
  // What kube-dns makes of a stub domain for its dnsmasq; the address stands for that of the Service.
  const servers = Object.keys(stub).map((domain) => `--server=/${domain}/127.0.0.1#${zonePort}`);
  const own = ['--no-daemon', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--pid-file='];
  const where = [`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', '--log-facility=-'];
  const args = [...own, ...where, `--user=${os.userInfo().username}`, ...servers];
  await startDaemon(t, { program: dnsmasq, args, ready: 'started, version' });
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${port}`]);
  for (const [name, address] of known) {
    t.same(await resolver.resolve4(`${name}.${DOMAIN}`, { ttl: true }), [{ address, ttl: 60 }], name);
  }
  await t.rejects(resolver.resolve4(`nobody.${DOMAIN}`), { code: 'ENOTFOUND' });
});

t.test('kube-dns: the server is asked by the cluster’s name servers and nobody else', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const built = ['dns/kube-dns', 'base'].flatMap((folder) => kustomize(kubectl, folder));
  const server = pod('intra-proxy', '10.128.0.40', { 'app.kubernetes.io/name': 'intra-dns' });
  const from = (labels: Readonly<Record<string, string>>) => pod('kube-system', '10.128.0.53', labels);
  t.ok(mayPass(built, udp(from({ 'k8s-app': 'kube-dns' }), server, 1053)));
  t.ok(mayPass(built, udp(host('10.132.0.5'), server, 1053)), 'NodeLocal DNSCache, from the node');
  t.notOk(mayPass(built, udp(from({ 'k8s-app': 'other' }), server, 1053)));
  t.notOk(mayPass(built, udp(pod('api', '10.128.0.7'), server, 1053)));
  t.notOk(mayPass(built, udp(server, host('8.8.8.8'), 53)), 'it asks nobody');
});

/** A gcloud that knows the records of `zone`, and writes down what else it is asked. */
function fakeGcloud(folder: string, zone: string | undefined): string {
  const text = `#!/bin/sh
case "$*" in
  *managed-zones\\ describe*) ${zone === undefined ? 'exit 1' : 'exit 0'} ;;
  *record-sets\\ describe*) sed -n "s/^$4 //p" "${folder}/records" | grep . ;;
  *) echo "$*" >> "${folder}/asked" ;;
esac
`;
  writeFileSync(join(folder, 'records'), zone ?? '');
  writeFileSync(join(folder, 'asked'), '');
  writeFileSync(join(folder, 'gcloud'), text);
  chmodSync(join(folder, 'gcloud'), 0o755);
  return folder;
}

/** What the script asks gcloud to change, where the zone has these records or is not there. */
async function changes(t: Test, zone: string | undefined): Promise<readonly string[]> {
  const folder = fakeGcloud(t.testdir(), zone);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const { status, stderr } = await run(join(K8S, 'dns/cloud-dns/apply.sh'), ['aibang', 'vpc'], { env });
  t.same([status, stderr], [0, ''], 'the script ends well');
  return readFileSync(join(folder, 'asked'), 'utf8').split('\n').filter(Boolean);
}

t.test('Cloud DNS: the script makes the zone of the file, and changes only what differs', async (t) => {
  const known = await services(t);
  if (known === undefined) return;
  const records = [...known].map(([name, address]) => `${name}.${DOMAIN}. ${address}`);
  const [zone, ...created] = await changes(t, undefined);
  t.match(
    zone,
    /^dns managed-zones create intra-aibang-local .*--dns-name=intra\.aibang\.local\. --visibility=private --networks=vpc/,
  );
  t.same(
    created
      .map((line) => /record-sets create (\S+) .*--rrdatas=(\S+)$/.exec(line)?.slice(1).join(' '))
      .sort(),
    records.sort(),
    'records that are missing are made',
  );
  t.same(await changes(t, `${records.join('\n')}\n`), [], 'there is nothing to do the second time');
  const [first = '', ...others] = records;
  const moved = `${first.split(' ')[0]} 10.9.9.9`;
  const updated = await changes(t, `${[moved, ...others].join('\n')}\n`);
  t.same(updated.length, 1, 'only the one that moved');
  t.match(updated, [/record-sets update .*--ttl=60 /]);
});

t.test('Cloud DNS: the script says what it wants to know', async (t) => {
  const { status, stderr } = await run(join(K8S, 'dns/cloud-dns/apply.sh'), ['aibang']);
  t.match({ status, stderr }, { status: 64, stderr: /^Usage: .*PROJECT NETWORK/ });
});
