import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { COMPILED } from '../../../scripts/lib/weir-process.ts';
import { configText } from '../../fixtures/config.ts';
import { run } from '../../fixtures/run.ts';
import { weir } from '../../fixtures/weir.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

t.test('weir run exits 78 with every problem where the configuration cannot be loaded', async (t) => {
  const file = join(t.testdir({ 't1.yaml': configText('adaptation: {}', 'timeout: {}') }), 't1.yaml');
  const { status, stdout, stderr } = await weir('run', '-c', file);
  t.equal(status, 78);
  t.equal(stdout, '');
  t.match(stderr.split('\n'), [
    /t1\.yaml:6:1: adaptation: Unknown key/,
    /t1\.yaml:7:1: timeout: .*Write "timeouts"/,
    '',
  ]);
});

t.test('weir run exits 69 where an address is taken', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const text = configText('admin: { address: 127.0.0.1:0 }').replace(
    '127.0.0.1:0 }]',
    `127.0.0.1:${port} }]`,
  );
  const file = join(t.testdir({ 't1.yaml': text }), 't1.yaml');
  const { status, stderr } = await weir('run', '--config', file);
  t.equal(status, 69);
  t.match(
    stderr,
    new RegExp(
      `^Cannot bind listener "main": EADDRINUSE at 127\\.0\\.0\\.1:${port}\\. .*choose another port\n$`,
    ),
  );
});

t.test('weir run exits 78 where the access log cannot be opened, and does not try for ever', async (t) => {
  const text = configText('log: { access: { path: /proc/nowhere/access.log } }');
  const file = join(t.testdir({ 't1.yaml': text }), 't1.yaml');
  const { status, stderr } = await weir('run', '-c', file);
  t.equal(status, 78);
  t.match(stderr, /^Cannot open access log "\/proc\/nowhere\/access\.log": ENOENT.*\n$/);
});

/** Found out only when something listens, unlike the bindings. */
const OTHER_SERVERS = `
  import net from 'node:net';
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (...options) {
    this.prependListener('listening', () => { this._handle.onconnection = null; });
    return listen.apply(this, options);
  };`;

const UNSUITABLE: Readonly<Record<string, readonly [preload: string, missing: string]>> = {
  'without its bindings': ['process.binding = undefined', 'binding "tcp_wrap"'],
  'that binds TCP otherwise': [
    'delete process.binding("tcp_wrap").TCP.prototype.reset',
    '"TCP.prototype.reset" in its binding "tcp_wrap"',
  ],
  'whose servers accept otherwise': [OTHER_SERVERS, '"onconnection" of servers'],
};

const UNSUITABLE_FOR_WORKERS: typeof UNSUITABLE = {
  ...UNSUITABLE,
  'that cannot bind without accepting': [
    'import net from "node:net"; net.BoundSocket = undefined',
    '"net.BoundSocket"',
  ],
};

function runOn(preload: string, ...options: readonly string[]): ReturnType<typeof run> {
  const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=DEP0111'];
  const url = `data:text/javascript,${encodeURIComponent(preload)}`;
  return run(process.execPath, [...flags, `--import=${url}`, MAIN, 'run', ...options], {
    env: { NODE_COMPILE_CACHE: COMPILED },
  });
}

for (const workers of [1, 2]) {
  const cases = workers === 1 ? UNSUITABLE : UNSUITABLE_FOR_WORKERS;
  for (const [what, [preload, missing]] of Object.entries(cases)) {
    t.test(
      `weir run --workers ${workers} exits 78 on a Node ${what}, before it accepts anything`,
      async (t) => {
        const text = configText('admin: { address: 127.0.0.1:0 }');
        const file = join(t.testdir({ 't1.yaml': text }), 't1.yaml');
        const { status, stdout, stderr } = await runOn(preload, '-c', file, '--workers', String(workers));
        t.equal(status, 78);
        t.equal(stdout, '');
        t.equal(
          stderr,
          `Cannot run on Node ${process.version}: it has no ${missing}. Run Weir on Node 26, which "npm ci" puts beside the sources\n`,
        );
      },
    );
  }
}
