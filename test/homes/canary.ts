/**
 * The bypass canary, run as the CronJob runs it: against a real proxy, with addresses that are closed, open, silent, and with every
 * way in which its proof can fail. And the CronJob itself: what it tries is what the policies of its namespace are about.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { blackHole } from '../fixtures/black-hole.ts';
import { K8S, kustomize, type Manifest, only } from '../fixtures/manifests.ts';
import { host, mayPass, pod, tcp } from '../fixtures/network-policies.ts';
import { tcpOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { run } from '../fixtures/run.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { needTool } from '../fixtures/tools.ts';

const PROGRAM = join(K8S, 'canary/bypass-canary.ts');

interface Report {
  readonly result: string;
  readonly through: { readonly reached: boolean; readonly because: string };
  readonly direct: readonly { readonly to: string; readonly reached: boolean; readonly because: string }[];
}

interface Outcome {
  readonly status: number | undefined;
  readonly report: Report;
}

async function canary(t: Test, env: Readonly<Record<string, string>>): Promise<Outcome> {
  const { status, stdout } = await run(process.execPath, [PROGRAM], {
    env: { CANARY_TIMEOUT_MS: '2000', ...env },
  });
  t.match(stdout, /^\{[^\n]*\}\n$/, 'one line of JSON');
  return { status, report: JSON.parse(stdout) as Report };
}

/** A proxy that leads `canary.example` to an origin, an address that is closed, and one that is open. */
async function stage(t: Test) {
  const origin = await tcpOrigin((socket) => socket.end());
  t.teardown(() => origin[Symbol.asyncDispose]());
  const keys = {
    acls: '{ canary: { dstDomains: [canary.example] } }',
    access: '[{ name: canary, allow: [canary] }]',
    dns: '{ hostsFile: none, hosts: { canary.example: 127.0.0.1 } }',
    guard: '{ allow: [127.0.0.1] }',
  };
  const proxy = await startProxy(yamlOf(keys));
  t.teardown(() => proxy[Symbol.asyncDispose]());
  return {
    closed: `127.0.0.1:${await closedPort()}`,
    open: `127.0.0.1:${origin.port}`,
    through: {
      CANARY_PROXY: `http://127.0.0.1:${proxy.port}`,
      CANARY_TARGET: `canary.example:${origin.port}`,
    },
  };
}

t.test('closed directly and open through the proxy: all is well', async (t) => {
  const { closed, through } = await stage(t);
  await using silent = await blackHole();
  const silentAddress = `127.0.0.1:${silent.port}`;
  const { status, report } = await canary(t, {
    CANARY_ADDRESS: closed,
    CANARY_CLOSED: silentAddress,
    ...through,
  });
  t.equal(status, 0);
  t.match(report, {
    result: 'closed',
    through: { reached: true, because: /^HTTP\/1\.1 200 / },
    direct: [
      { to: closed, reached: false, because: 'ECONNREFUSED' },
      { to: silentAddress, reached: false, because: 'no answer in 2000 ms' },
    ],
  });
});

t.test('an address that is reached directly is a way around, also a further one', async (t) => {
  const { closed, open, through } = await stage(t);
  const first = await canary(t, { CANARY_ADDRESS: open, ...through });
  t.match(first, { status: 1, report: { result: 'open', direct: [{ to: open, reached: true }] } });
  const second = await canary(t, {
    CANARY_ADDRESS: closed,
    CANARY_CLOSED: ` ${closed}  ${open} `,
    ...through,
  });
  t.match(second, { status: 1, report: { result: 'open' } });
  t.same(
    second.report.direct.map(({ reached }) => reached),
    [false, false, true],
  );
});

t.test('without the way through the proxy nothing is proven', async (t) => {
  const { closed, open, through } = await stage(t);
  // It has that between its tries too; less than that another process may not be given a processor for.
  const quick = { CANARY_TIMEOUT_MS: '200' };
  const refused = await canary(t, {
    CANARY_ADDRESS: closed,
    ...through,
    CANARY_TARGET: 'other.example:443',
    ...quick,
  });
  t.match(refused, { status: 2, report: { result: 'unproven' } });
  t.match(refused.report.through.because, /^HTTP\/1\.1 403 Denied by /, 'the proxy says why');
  const gone = await canary(t, {
    CANARY_ADDRESS: closed,
    ...through,
    CANARY_PROXY: `http://${closed}`,
    ...quick,
  });
  t.match(gone, { status: 2, report: { through: { because: 'ECONNREFUSED' } } });
  const mute = await canary(t, { CANARY_ADDRESS: closed, ...through, CANARY_PROXY: open, ...quick });
  t.match(mute, { status: 2, report: { through: { because: 'closed without an answer' } } });
  const both = await canary(t, { CANARY_ADDRESS: open, ...through, CANARY_PROXY: closed, ...quick });
  t.match(both, { status: 1, report: { result: 'open' } }, 'a way around is one all the same');
});

t.test('names where addresses belong, and what is missing, are said', async (t) => {
  const proxy = { CANARY_PROXY: 'http://127.0.0.1:1' };
  const wrong: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [proxy, /^CANARY_ADDRESS is not set$/m],
    [{ CANARY_ADDRESS: '192.0.2.1:443' }, /^CANARY_PROXY is not set$/m],
    [{ ...proxy, CANARY_ADDRESS: 'example.com:443' }, /^CANARY_ADDRESS has a name where an address belongs/m],
    [{ ...proxy, CANARY_ADDRESS: '192.0.2.1' }, /^CANARY_ADDRESS is no address:port: "192\.0\.2\.1"$/m],
    [{ ...proxy, CANARY_ADDRESS: '192.0.2.1:1', CANARY_CLOSED: 'dns:53' }, /^CANARY_CLOSED has a name/m],
    [{ ...proxy, CANARY_ADDRESS: '192.0.2.1:1', CANARY_TIMEOUT_MS: 'x' }, /^CANARY_TIMEOUT_MS is no time/m],
  ];
  for (const [env, message] of wrong) {
    const { status, stdout, stderr } = await run(process.execPath, [PROGRAM], { env });
    t.match({ status, stdout }, { status: 64, stdout: '' });
    t.match(stderr, message);
  }
});

interface CronJob extends Manifest {
  readonly spec: { readonly jobTemplate: { readonly spec: JobSpec } };
}

interface JobSpec {
  readonly backoffLimit: number;
  readonly template: { readonly spec: { readonly containers: readonly Container[] } };
}

interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

t.test('the CronJob runs that program, and tries what the policies close', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const built = kustomize(kubectl, 'overlays/aibang');
  const { data } = only<Manifest & { data: Record<string, string> }>(built, 'ConfigMap', 'bypass-canary');
  t.same(data, { 'bypass-canary.ts': readFileSync(PROGRAM, 'utf8') });
  const { backoffLimit, template } = only<CronJob>(built, 'CronJob').spec.jobTemplate.spec;
  t.equal(backoffLimit, 0, 'a failure is not tried away');
  const [container] = template.spec.containers;
  t.same(container?.command, ['node', '/canary/bypass-canary.ts']);
  const env = new Map(container?.env.map(({ name, value }) => [name, value]));
  const canaryPod = pod('api', '10.128.0.9');
  for (const address of [env.get('CANARY_ADDRESS'), ...(env.get('CANARY_CLOSED')?.split(' ') ?? [])]) {
    const [to = '', port = ''] = address?.split(':') ?? [];
    t.equal(mayPass(built, tcp(canaryPod, host(to), Number(port))), false, `${address} is closed to it`);
    t.equal(mayPass([], tcp(canaryPod, host(to), Number(port))), true, 'because of the policies');
  }
  const tier2 = readFileSync(join(K8S, 'overlays/aibang/tier-2.yaml'), 'utf8');
  const [name = ''] = env.get('CANARY_TARGET')?.split(':') ?? [];
  const [address = ''] = env.get('CANARY_ADDRESS')?.split(':') ?? [];
  t.match(tier2, `hosts: { ${name}: ${address} }`, 'tier 2 leads the name to that very address');
});
