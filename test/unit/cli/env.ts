import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { run } from '../../fixtures/run.ts';
import { weir } from '../../fixtures/weir.ts';

t.test('weir env prints commands for a shell, which a shell takes', async (t) => {
  const { status, stdout, stderr } = await weir(
    'env',
    '--proxy',
    'proxy:3128',
    '--no-proxy',
    '10.0.0.0/8',
    '.svc',
  );
  t.match({ status, stderr }, { status: 0, stderr: '' });
  const shell = await run('sh', [
    '-c',
    `${stdout}\nprintf '%s %s %s' "$https_proxy" "$HTTP_PROXY" "$NO_PROXY"`,
  ]);
  t.equal(shell.stdout, 'http://proxy:3128 http://proxy:3128 localhost,127.0.0.1,::1,10.0.0.0/8,svc,.svc');
});

t.test('weir env prints a list of env for a container, and JSON', async (t) => {
  const yaml = await weir('env', '--proxy', 'http://proxy:3128', '--lang', 'java', '--format', 'yaml');
  t.match(parse(yaml.stdout), [{ name: 'JAVA_TOOL_OPTIONS', value: /-Dhttp\.proxyHost=proxy / }]);
  t.match(yaml.stdout, /^# Java reads no proxy variable/m);
  const json = JSON.parse(
    (await weir('env', '--proxy', 'proxy:1', '--no-proxy', 'a,b', '--format', 'json')).stdout,
  );
  t.match(json, { variables: { no_proxy: 'localhost,127.0.0.1,::1,a,b' }, notes: [] });
});

t.test('weir env prints a ConfigMap, with the name that it is given', async (t) => {
  const args = ['env', '--proxy', 'proxy:3128', '--no-proxy', '.svc', '--format', 'configmap'];
  const { stdout } = await weir(...args);
  t.match(parse(stdout, { version: '1.1' }), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'weir-proxy' },
    data: { https_proxy: 'http://proxy:3128', NO_PROXY: /,\.svc$/, NODE_USE_ENV_PROXY: '1' },
  });
  const named = parse((await weir(...args, '--lang', 'java', '--name', '1.0')).stdout, { version: '1.1' });
  t.match(named, { metadata: { name: '1.0' }, data: { JAVA_TOOL_OPTIONS: /-Dhttps\.proxyPort=3128/ } });
});

t.test('weir env refuses what it cannot read', async (t) => {
  for (const [args, message] of [
    [[], /^Missing required argument: proxy$/m],
    [['--proxy', 'https://proxy:1', '--lang', 'java'], /^Java cannot speak TLS to its proxy/m],
    [['--proxy', 'proxy'], /^Proxy URL "proxy" cannot be read/m],
    [['--proxy', 'proxy:1', '--no-proxy', '10.0.0.1/8'], /host bits set/],
    [['--proxy', 'proxy:1', '--lang', 'cobol'], /Invalid values/],
    [['--proxy', 'proxy:1', '--name', 'Weir_Proxy'], /^Name "Weir_Proxy" is none for a ConfigMap/m],
  ] as const) {
    const { status, stdout, stderr } = await weir('env', ...args);
    t.match({ status, stdout }, { status: 64, stdout: '' });
    t.match(stderr, message);
  }
});

/** An HTTP server on loopback that answers with one word. */
async function serving(t: Test, word: string): Promise<number> {
  const server = createServer((_, response) => response.end(word));
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('Node goes by what weir env prints for it', async (t) => {
  const [proxy, origin] = [await serving(t, 'proxied'), await serving(t, 'direct')];
  const args = [
    '--proxy',
    `127.0.0.1:${proxy}`,
    '--no-proxy',
    '127.64.0.0/10',
    '--lang',
    'node',
    '--format',
    'json',
  ];
  const { variables } = JSON.parse((await weir('env', ...args)).stdout);
  const ask = (host: string, code: string) =>
    run(process.execPath, ['-e', code.replace('URL', `'http://${host}:${origin}/'`)], { env: variables });
  const http = "require('http').get(URL, (answer) => answer.pipe(process.stdout))";
  const viaFetch = 'fetch(URL).then((answer) => answer.text()).then((text) => process.stdout.write(text))';
  t.match(await ask('127.1.0.1', http), { stdout: 'proxied' });
  t.match(await ask('127.100.0.1', http), { stdout: 'direct' }, 'within the network');
  t.match(await ask('127.1.0.1', viaFetch), { stdout: 'proxied' });
  t.match(await ask('127.0.0.1', viaFetch), { stdout: 'direct' });
});
