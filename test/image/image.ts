/**
 * The image, built from the unchanged Dockerfile on stand-ins of its bases, and run as a cluster runs it: nobody's user, nothing to
 * write to, no capability. `npm run test:image`; it takes a minute or two, so that `npm test` leaves it out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import { cpuMsOf } from '../fixtures/cpu-time.ts';
import { must, nodeBase, runtimeBase } from '../fixtures/image-bases.ts';
import { run } from '../fixtures/run.ts';
import { needTool } from '../fixtures/tools.ts';
import { within } from '../fixtures/within.ts';

t.setTimeout(900_000);

const ROOT = join(import.meta.dirname, '../..');
const IMAGE = 'localhost/weir:test';
const [NODE_BASE, RUNTIME_BASE] = ['node:26-bookworm-slim', 'gcr.io/distroless/cc-debian12:latest'];
const MAX_COMPRESSED_BYTES = 150e6;
/** Time of the processor, which a busy machine stretches less than that of the clock; three times what was seen on one at rest. */
const MAX_START_CPU_MS = 900;
const TOOLS = ['mmdebstrap', 'buildah', 'podman', 'crun', 'unshare', 'gzip'];

const folder = mkdtempSync(join(os.tmpdir(), 'weir-image-'));
const STORE = [
  '--root',
  join(folder, 'store'),
  '--runroot',
  join(folder, 'run'),
  '--storage-driver',
  'overlay',
];

t.teardown(() => {
  spawnSync('podman', [...STORE, 'rm', '--all', '--force']);
  rmSync(folder, { recursive: true, force: true });
});

/** Arguments of unshare: podman with a mount namespace of its own, where a hybrid hierarchy of cgroups does not confuse it. */
function insideNamespace(...args: readonly string[]): readonly string[] {
  const script = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec podman "$@"';
  return ['-m', 'sh', '-c', script, 'podman', ...STORE, ...args];
}

const environment = () => ({ ...process.env, CONTAINERS_CONF: join(folder, 'containers.conf') });

function podman(...args: readonly string[]) {
  return spawnSync('unshare', insideNamespace(...args), { encoding: 'utf8', env: environment() });
}

/** Where the tools are there and containers run at all; else says so, and the test ends. */
async function isPossible(t: Test): Promise<boolean> {
  for (const tool of TOOLS) if ((await needTool(t, tool)) === undefined) return false;
  if (process.getuid?.() === 0) return true;
  t.pass('builds the image', { skip: 'only root can mount what it is built of' });
  return false;
}

/** Makes the bases, which has to do with this machine alone. @throws {Error} where it cannot be done here */
function prepare(): void {
  const base = nodeBase(join(folder, 'node'));
  const runtime = runtimeBase(join(folder, 'runtime'), base);
  writeFileSync(
    join(folder, 'containers.conf'),
    '[containers]\ndefault_ulimits = ["nofile=16384:16384", "nproc=4096:4096"]\n' +
      '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n',
  );
  for (const [from, name] of [
    [base, `docker.io/library/${NODE_BASE}`],
    [runtime, RUNTIME_BASE],
  ] as const) {
    const archive = `${from}.tar`;
    must('tar', ['-C', from, '--numeric-owner', '-cf', archive, '.']);
    must('podman', [...STORE, 'import', archive, name]);
    rmSync(archive);
  }
  must(
    'unshare',
    insideNamespace('run', '--rm', '--network', 'host', `docker.io/library/${NODE_BASE}`, '/bin/true'),
    environment(),
  );
}

function build(): void {
  const options = ['bud', '--isolation', 'chroot', '--pull-never', '--format', 'docker', '--tag', IMAGE];
  must('buildah', [...STORE, ...options, '--build-arg', 'REVISION=test', ROOT]);
}

interface Image {
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly Healthcheck?: { readonly Test: readonly string[] };
}

function inspect(): Image {
  const [image] = JSON.parse(podman('image', 'inspect', IMAGE).stdout) as readonly Image[];
  if (image === undefined) throw new Error('Cannot find the image');
  return image;
}

const LOCKED = ['--network', 'host', '--read-only', '--cap-drop=ALL', '--memory', '256m'];

interface Container extends AsyncDisposable {
  readonly name: string;
  /** Its process 1, as this machine counts. */
  readonly pid: number;
  /** What it took of the processor to serve. */
  readonly startCpuMs: number;
  exec(...args: readonly string[]): ReturnType<typeof podman>;
}

/** Waits, without asking again and again, until the container says that it serves. */
async function serving(name: string): Promise<void> {
  const child = spawn('unshare', insideNamespace('logs', '--follow', name), { env: environment() });
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('"Serving"')) break;
  child.kill();
}

async function start(name: string): Promise<Container> {
  const etc = join(folder, name);
  mkdirSync(etc);
  const [port, admin] = [await freePort(), await freePort()];
  writeFileSync(
    join(etc, 'weir.yaml'),
    readFileSync(join(ROOT, 'k8s/overlays/kind/tier-2/weir.yaml'), 'utf8')
      .replace('0.0.0.0:3128', `127.0.0.1:${port}`)
      .replace('0.0.0.0:9128', `127.0.0.1:${admin}`),
  );
  writeFileSync(join(etc, 'squid.conf'), 'http_access deny all\n');
  const started = podman(
    'run',
    '--detach',
    '--name',
    name,
    ...LOCKED,
    '--volume',
    `${etc}:/etc/weir:ro`,
    IMAGE,
  );
  if (started.status !== 0) throw new Error(`Cannot run the image: ${started.stderr}`);
  await within(serving(name), () => `the container to serve: ${podman('logs', name).stderr}`);
  const exec = (...args: readonly string[]) => podman('exec', name, ...args);
  const pid = Number(podman('inspect', '--format', '{{.State.Pid}}', name).stdout);
  return {
    name,
    pid,
    startCpuMs: cpuMsOf(pid),
    exec: (...args) =>
      args[0] === 'weir' ? exec(...args, '--address', `127.0.0.1:${admin}`) : exec(...args),
    async [Symbol.asyncDispose]() {
      podman('rm', '--force', '--time', '1', name);
    },
  };
}

t.test('the image', async (t) => {
  if (!(await isPossible(t))) return;
  try {
    prepare();
  } catch (error) {
    t.pass('builds and runs the image', { skip: `no container runs here: ${(error as Error).message}` });
    return;
  }
  build();
  const { Config, Healthcheck } = inspect();
  t.equal(Config.User, '65532:65532');
  t.match(Config.Labels, {
    'org.opencontainers.image.version': JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version,
    'org.opencontainers.image.revision': 'test',
  });
  t.same(Healthcheck?.Test, ['CMD', '/usr/local/bin/weir', 'health']);
  const archive = join(folder, 'image.tar');
  must('podman', [...STORE, 'save', '--output', archive, IMAGE]);
  const { stdout: bytes } = await run('sh', ['-c', `gzip -1 < ${archive} | wc -c`]);
  t.ok(Number(bytes) < MAX_COMPRESSED_BYTES, `${Math.round(Number(bytes) / 1e6)} MB compressed`);

  const starts: number[] = [];
  for (const name of ['first', 'second', 'third']) {
    await using container = await start(name);
    starts.push(container.startCpuMs);
    if (name === 'first') await judge(t, container);
  }
  const least = Math.min(...starts);
  t.ok(least < MAX_START_CPU_MS, `serves after ${least} ms of the processor`);
});

async function judge(t: Test, { name, pid, exec }: Container): Promise<void> {
  t.match(
    exec('weir', 'health'),
    { status: 0, stdout: /^ready/ },
    'it is healthy, by the way of HEALTHCHECK',
  );
  for (const program of ['sh', 'node', 'npm']) t.not(exec(program, '--version').status, 0, `no ${program}`);
  t.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'), ['/usr/local/bin/weir', 'run']);
  t.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Uid:\t65532\t65532\t65532\t65532$/m);
  const output = '/opt/weir/examples/x.yaml';
  const written = podman(
    'exec',
    name,
    '/usr/local/bin/weir',
    'import',
    '/etc/weir/squid.conf',
    '--output',
    output,
  );
  t.match(written, { status: 64, stderr: /EROFS|EACCES/ }, 'nothing can be written');
  const bom = JSON.parse(fileIn(name, '/opt/weir/sbom.cdx.json'));
  t.match(bom, { bomFormat: 'CycloneDX', metadata: { component: { name: 'weir' } } });
  const packages = (bom.components as readonly { name: string }[]).map(({ name }) => name);
  t.ok(
    packages.includes('undici') && packages.includes('node') && !packages.includes('tap'),
    'it says what is in it',
  );
  podman('stop', '--time', '20', name);
  t.equal(
    podman('inspect', '--format', '{{.State.ExitCode}}', name).stdout.trim(),
    '0',
    'TERM is an orderly end',
  );
}

/** Text of a file in a container, in which no program shows any. */
function fileIn(container: string, path: string): string {
  const copy = join(folder, 'copied');
  must('unshare', insideNamespace('cp', `${container}:${path}`, copy), environment());
  return readFileSync(copy, 'utf8');
}
