/** Who asks, by the labels of the namespace of a pod: known, not known, changed, too old, and said by a hop. */
import t, { type Test } from 'tap';
import { parseConfig } from '#config/load.ts';
import type { NamespaceChange } from '#pods/namespace.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { pod } from '../fixtures/pods.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const POD = '127.0.4.7';

const KEYS = {
  kubernetes: '{ identity: true, apiServer: "https://127.0.0.1:9" }',
  acls: '{ trusted: { namespaceLabels: { egress: open } }, closed: { namespaceLabels: { egress: closed } } }',
  access: '[{ name: closed, deny: [closed] }, { name: trusted, allow: [trusted], onRevoke: cut }]',
};
/** The negation of what an ACL asks for does not let pass what is not known either. */
const NEGATED = { ...KEYS, access: '[{ name: not-closed, allow: ["!closed"] }]' };
const NOT_TRUSTED = {
  ...KEYS,
  access: '[{ name: not-trusted, deny: ["!trusted"] }, { name: rest, allow: [all] }]',
};

function tell(
  { namespaces }: PodDirectory,
  labels: readonly string[] | undefined,
  { isAll = false, hasAllLabels = true, ageMs = 0 } = {},
): void {
  const changes: NamespaceChange[] = labels === undefined ? ['api'] : [{ name: 'api', labels, hasAllLabels }];
  namespaces.take({ isAll, changes, ageMs });
}

interface Stage {
  readonly proxy: TestProxy;
  readonly directory: PodDirectory;
  readonly originPort: number;
  /** The origin's end of the next tunnel. */
  readonly accept: () => Promise<RawClient>;
  /** Status of a CONNECT of the pod. */
  readonly status: () => Promise<number>;
  /** Moves the clock of what is known on. */
  readonly later: (ms: number) => void;
}

/** Declares a test of a proxy that knows one pod, of namespace api. */
function knowing(
  title: string,
  keys: Record<string, string>,
  play: (t: Test, stage: Stage) => Promise<void>,
) {
  t.test(title, async (t) => {
    await using origin = await rawOrigin();
    let now = 0;
    const directory = new PodDirectory({ patienceMs: 50, now: () => (now += 1) });
    t.teardown(() => directory.clear());
    await using proxy = await startProxy(yamlOf(keys), { pods: directory });
    directory.take({ isAll: true, changes: [pod({ ips: [POD] })], ageMs: 0 });
    const status = async (): Promise<number> => {
      await using client = await RawClient.connect(proxy.port, { from: POD });
      const status = Number((await client.tunnel(`origin.example:${origin.port}`)).split(' ')[1]);
      if (status === 200) client.reset();
      return status;
    };
    const later = (ms: number): void => {
      now += ms;
    };
    await play(t, { proxy, directory, originPort: origin.port, accept: origin.accept, status, later });
  });
}

knowing(
  'a pod passes by the labels that its namespace has now',
  KEYS,
  async (t, { directory, status, proxy }) => {
    tell(directory, ['egress', 'open'], { isAll: true });
    t.equal(await status(), 200);
    tell(directory, ['egress', 'closed']);
    t.equal(await status(), 403);
    tell(directory, []);
    t.equal(await status(), 403);
    tell(directory, ['egress', 'open']);
    t.equal(await status(), 200);
    const rules = (await proxy.ended(4)).map(({ rule }) => `${rule}`);
    t.same(rules.sort(), ['closed', 'trusted', 'trusted', 'undefined']);
  },
);

const UNKNOWN: Readonly<Record<string, (directory: PodDirectory) => void>> = {
  'namespaces are not known yet, or may not be': () => {},
  'its namespace is not among them': (directory) =>
    directory.namespaces.take({ isAll: true, changes: [], ageMs: 0 }),
  'its namespace is gone': (directory) => {
    tell(directory, ['egress', 'open'], { isAll: true });
    tell(directory, undefined);
  },
  'not all of its labels are known': (directory) => {
    tell(directory, ['other', 'label'], { isAll: true, hasAllLabels: false });
  },
};

for (const [what, prepare] of Object.entries(UNKNOWN)) {
  // Attacks: default-deny.
  knowing(`where ${what}, a deny rule by labels of namespaces holds`, KEYS, async (t, stage) => {
    prepare(stage.directory);
    t.equal(await stage.status(), 403);
    t.match(await stage.proxy.ended(1), [{ rule: 'closed', namespace: 'api' }]);
  });
  // Attacks: default-deny.
  knowing(`where ${what}, nor does the negation let pass`, NEGATED, async (t, stage) => {
    prepare(stage.directory);
    t.equal(await stage.status(), 403);
    t.match(await stage.proxy.ended(1), [{ rule: undefined }]);
  });
  // Attacks: default-deny.
  knowing(`where ${what}, whoever is not trusted by them is denied`, NOT_TRUSTED, async (t, stage) => {
    prepare(stage.directory);
    t.equal(await stage.status(), 403);
    t.match(await stage.proxy.ended(1), [{ rule: 'not-trusted' }]);
  });
}

const NOT_OLD = {
  ...KEYS,
  kubernetes: '{ identity: true, apiServer: "https://127.0.0.1:9", whenStale: unknown }',
};
knowing(
  'labels of namespaces that are too old are unknown, where that is asked for',
  NOT_OLD,
  async (t, stage) => {
    const { proxy, directory, status } = stage;
    stage.later(1_000_000);
    directory.take({ isAll: false, changes: [], ageMs: 0 });
    tell(directory, ['egress', 'open'], { isAll: true, ageMs: 400_000 });
    t.equal(await status(), 403);
    t.match(await proxy.ended(1), [{ rule: 'closed', namespace: 'api' }], 'the pod itself is known');
    await proxy.proxy.adopt(await parseConfig(yamlOf(KEYS)));
    t.equal(await status(), 200);
  },
);

knowing('an open tunnel is judged again by the labels of its namespace', KEYS, async (t, stage) => {
  const { proxy, directory, originPort } = stage;
  tell(directory, ['egress', 'open'], { isAll: true });
  await using client = await RawClient.connect(proxy.port, { from: POD });
  t.match(await client.tunnel(`origin.example:${originPort}`), /^HTTP\/1\.1 200 /);
  const adopt = async (): Promise<void> => proxy.proxy.adopt(await parseConfig(yamlOf(KEYS)));
  await adopt();
  const far = await stage.accept();
  client.send('still here');
  await far.expect('still here');
  tell(directory, ['egress', 'closed']);
  await adopt();
  t.match(await proxy.ended(1), [{ outcome: 'revoked', namespace: 'api' }]);
});

knowing('who does not ask for them any more forgets them', KEYS, async (t, { proxy, directory }) => {
  tell(directory, ['egress', 'open'], { isAll: true });
  await proxy.proxy.adopt(await parseConfig(yamlOf({ kubernetes: KEYS.kubernetes })));
  t.equal(directory.namespaces.size, 0);
  t.equal(directory.size, 1, 'and keeps the pods');
});
