/**
 * `npm run test:apiserver`: a real kube-apiserver beside a real etcd takes the manifests of k8s/base, lets the service account of Weir see
 * pods and nothing else, and is watched through lists of several pages, bookmarks, a lost connection and a compaction. The programs are
 * KUBE_APISERVER and ETCD, or found in PATH; without them that is a visible skip. How to build one: k8s/README.md.
 */
import { join } from 'node:path';
import t from 'tap';
import { cuttable } from '../fixtures/cuttable-relay.ts';
import { KubeApiServer, type Told } from '../fixtures/kube-api-server.ts';
import { apply, collectionOf, dropped, PodWriter } from '../fixtures/kube-objects.ts';
import { apiOf, openStage, programs, type Stage } from '../fixtures/kube-stage.ts';
import { K8S, kustomize, type Manifest, only } from '../fixtures/manifests.ts';
import { Watching } from '../fixtures/pod-watch.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { metric, readiness, startWeir } from '../fixtures/weir.ts';
import { eventually, within } from '../fixtures/within.ts';

t.setTimeout(600_000);

/** More than one page of a list. */
const PODS = 450;
/** Bookmarks come once a minute, give or take. */
const BOOKMARK_MS = 150_000;
/** From this minor release on a server has all that the manifests say (k8s/README.md). */
const COMPLETE = 27;
/** What an older one drops. */
const NEWER_FIELDS = /\/matchLabelKeys$/;

/** As much of it as is asked for. */
interface Deployment {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: { readonly containers: readonly object[] };
    };
  };
}

const found = programs();
if (found === undefined) {
  t.pass('a real API server', {
    skip: 'kube-apiserver, etcd or kubectl is not installed: k8s/README.md, "A real API server"',
  });
} else {
  const stage = await openStage(t, found);
  const { gitVersion } = await stage.server.must('GET', '/version');
  t.comment(`kube-apiserver ${gitVersion}`);
  await stage.server.must('POST', '/api/v1/namespaces', { metadata: { name: 'api' } });
  await manifests(stage);
  await podSecurity(stage);
  await permissions(stage);
  await watching(stage);
  await compaction(stage);
  await program(stage);
}

async function manifests({ server, programs }: Stage): Promise<void> {
  await t.test('it takes the manifests of k8s/base', async (t) => {
    const { minor } = await server.must('GET', '/version');
    const isOld = Number.parseInt(String(minor), 10) < COMPLETE;
    for (const manifest of kustomize(programs.kubectl, join(K8S, 'base'))) {
      const { apiVersion, kind, metadata } = manifest;
      const told = await dryRun(server, manifest);
      const title = `${apiVersion} ${kind} ${metadata.name}`;
      if (told === undefined && isOld) {
        t.pass(title, { skip: `this server has no ${apiVersion} ${kind}` });
        continue;
      }
      t.equal(told?.status, 201, `${title} ${told?.body.message ?? ''}`);
      const lost = dropped(manifest, told?.body).filter((field) => !(isOld && NEWER_FIELDS.test(field)));
      t.same(lost, [], `${title}: no field is dropped`);
      // In a namespace that is yet to be there nothing else can be tried.
      if (kind === 'Namespace') await apply(server, [manifest]);
    }
  });
}

/** What the server would say; undefined: that it has no such thing. */
async function dryRun(server: KubeApiServer, manifest: Manifest): Promise<Told | undefined> {
  const path = await collectionOf(server, manifest);
  return path === undefined ? undefined : await server.ask('POST', `${path}?dryRun=All`, manifest);
}

async function podSecurity({ server, programs }: Stage): Promise<void> {
  await t.test('the namespace admits the pods of the Deployment, and no privileged one', async (t) => {
    const { spec } = only(
      kustomize(programs.kubectl, join(K8S, 'base')),
      'Deployment',
    ) as unknown as Deployment;
    const [container] = spec.template.spec.containers;
    const privileged = { ...container, securityContext: { privileged: true } };
    const admits = async (containers: readonly object[]): Promise<Told> =>
      await server.ask('POST', '/api/v1/namespaces/intra-proxy/pods?dryRun=All', {
        metadata: { name: 'tried', labels: spec.template.metadata.labels },
        spec: { ...spec.template.spec, containers },
      });
    const tried = await admits([container as object]);
    t.equal(tried.status, 201, `${tried.body.message ?? ''}`);
    const { status } = await admits([privileged]);
    if (status === 201) t.pass('a privileged one', { skip: 'this server is older than pod security (1.23)' });
    else t.equal(status, 403, 'a privileged one');
  });
}

async function permissions(stage: Stage): Promise<void> {
  await t.test('by the roles of k8s/base Weir sees pods, and nothing else', async (t) => {
    const { server, programs } = stage;
    const all = kustomize(programs.kubectl, join(K8S, 'base'));
    await apply(
      server,
      all.filter(({ kind }) => kind === 'ServiceAccount'),
    );
    const api = await apiOf(stage);
    await using watching = new Watching(api);
    await watching.untilRestarted(1);
    t.same(watching.restarts, ['refused'], 'without them it is refused');
    t.match(watching.messages, [/403.*pods is forbidden/]);
    await apply(
      server,
      all.filter(({ kind }) => kind.startsWith('ClusterRole')),
    );
    const pods = new PodWriter(server);
    await pods.run({ uid: 'first', name: 'first', ips: ['10.128.0.7'] });
    await eventually(() => watching.directory.find('10.128.0.7') !== undefined, 'the pod to be known');
    t.match(watching.directory.find('10.128.0.7')?.identity, {
      namespace: 'api',
      pod: 'first',
      serviceAccount: 'builder',
    });
    for (const [verb, resource, namespace] of [
      ['list', 'secrets', ''],
      ['get', 'pods', 'api'],
      ['create', 'pods', 'api'],
      ['delete', 'pods', 'api'],
      ['list', 'namespaces', ''],
      ['list', 'pods', ''],
      ['watch', 'pods', ''],
    ] as const) {
      const { status } = await server.must('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        spec: {
          user: 'system:serviceaccount:intra-proxy:weir',
          resourceAttributes: { verb, resource, namespace },
        },
      });
      const isMeant = resource === 'pods' && namespace === '';
      t.equal((status as { allowed: boolean }).allowed, isMeant, `${verb} ${resource} ${namespace}`);
    }
    await pods.remove('first');
  });
}

async function watching(stage: Stage): Promise<void> {
  await t.test('pods are listed in pages and followed, and bookmarks are taken', async (t) => {
    const pods = new PodWriter(stage.server);
    await pods.runMany(PODS);
    await using relay = await cuttable(stage.server.port);
    await using watching = new Watching(await apiOf(stage, relay.port));
    await eventually(() => watching.directory.size === PODS, `${PODS} pods`);
    t.pass(`${PODS} pods are known by pages of 200`);
    await pods.run({ name: 'late', ips: ['10.128.9.1'] });
    await eventually(() => watching.directory.find('10.128.9.1') !== undefined, 'the addition');
    await pods.over('late');
    await eventually(() => watching.directory.find('10.128.9.1') === undefined, 'what is over to be gone');
    await pods.run({ name: 'next', ips: ['10.128.9.1'], namespace: 'default' });
    await eventually(() => watching.directory.find('10.128.9.1')?.identity.pod === 'next', 'the next');
    await pods.remove('late');
    await pods.run({ name: 'marker', ips: ['10.128.9.2'] });
    await eventually(() => watching.directory.find('10.128.9.2') !== undefined, 'the marker');
    t.equal(
      watching.directory.find('10.128.9.1')?.identity.pod,
      'next',
      'that the first is deleted does it nothing',
    );
    const before = relay.bytesToClient;
    await within(
      (async () => {
        while (relay.bytesToClient === before) await new Promise((resolve) => setTimeout(resolve, 200));
      })(),
      () => 'a bookmark',
      BOOKMARK_MS,
    );
    t.pass('it is told of the version when nothing happens');
    relay.cut();
    await watching.untilRestarted(1);
    await pods.remove('marker');
    await eventually(() => watching.directory.find('10.128.9.2') === undefined, 'the rest');
    t.same(watching.restarts, ['disconnected'], 'and goes on from it');
  });
}

async function compaction(stage: Stage): Promise<void> {
  await t.test('what was compacted meanwhile is listed anew', async (t) => {
    // With its cache it knows old versions longer than etcd does.
    const { programs, etcd, folder, issuer } = stage;
    const parts = { program: programs.apiServer, etcd, folder, issuer };
    await using server = await KubeApiServer.start(parts, '--watch-cache=false');
    await using relay = await cuttable(server.port);
    const pods = new PodWriter(server);
    await pods.run({ name: 'gone', ips: ['10.128.9.7'] });
    await using watching = new Watching(await apiOf({ ...stage, server }, relay.port));
    await eventually(() => watching.directory.find('10.128.9.7') !== undefined, 'the pod');
    relay.close();
    await watching.untilRestarted(1);
    await pods.remove('gone');
    await pods.run({ name: 'come', ips: ['10.128.9.7'] });
    await etcd.compact();
    await relay.reopen();
    await eventually(() => watching.directory.find('10.128.9.7')?.identity.pod === 'come', 'a new list');
    t.ok(watching.restarts.includes('expired'), `410 was said: ${[...new Set(watching.restarts)]}`);
    await pods.remove('come');
  });
}

async function program(stage: Stage): Promise<void> {
  await t.test('a whole Weir serves by it, and with workers', async (t) => {
    const traffic = await Traffic.to(t);
    const pods = new PodWriter(stage.server);
    const { server, tokenFile, caFile } = await apiOf(stage);
    for (const workers of ['1', '4']) {
      const [address, name] = [`127.0.4.${workers}`, `client-${workers}`];
      const weir = await startWeir(
        t,
        yamlOf({
          workers,
          kubernetes: `{ identity: true, apiServer: "${server}", tokenFile: ${tokenFile}, caFile: ${caFile} }`,
          acls: '{ api: { namespaces: [api] } }',
          access: '[{ name: api, allow: [api] }]',
        }),
      );
      await eventually(async () => (await readiness(weir)) === 200, 'readiness');
      t.ok((await metric(weir, 'weir_identity_pods')) >= PODS);
      t.equal(await traffic.statusOf(weir, { from: address }), 403);
      await pods.run({ name, ips: [address] });
      await eventually(async () => (await traffic.statusOf(weir, { from: address })) === 200, 'the pod');
      await pods.remove(name);
      await eventually(async () => (await traffic.statusOf(weir, { from: address })) === 403, 'its end');
      t.pass(`workers: ${workers}`);
    }
  });
}
