/** `weir cache` and the control socket of one real process: what it tells and takes out, and what becomes of who misuses it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { dirname, join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf, owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { weir as command, metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(120_000);

const folder = folderOf(t);
const socket = join(folder, 'run', 'cache.sock');
const trail = join(folder, 'audit.log');
const kept = join(folder, 'kept');
const origin = owned(
  t,
  await httpOrigin((request, response) => {
    const isKept = request.url !== '/not-kept';
    response.setHeader('Cache-Control', isKept ? 'max-age=3600' : 'no-store').end('body');
  }),
);
const yamlWith = (rule: string): string =>
  yamlOf({
    access: `[{ ${rule} }]`,
    cache: `{ socket: ${socket}, disk: { path: ${kept}, size: 64MiB } }`,
    log: `{ audit: { path: ${trail}, strict: true } }`,
  });
const READS = 'name: reads, allow: [all], cache: true';
const weir = await startWeir(t, yamlWith(READS));
await weir.logged('Listening for weir cache');

const urlOf = (path: string): string => `http://origin.example:${origin.port}${path}`;

async function get(path: string): Promise<string | undefined> {
  await using client = await RawClient.connect(weir.port);
  client.send(`GET ${urlOf(path)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return (await readAnswer(client)).fields['cache-status']?.split(';')[1];
}

const ask = (...args: readonly string[]) => command('cache', ...args, '--socket', socket);

t.test('why tells what is kept, why not, and what a request would be', async (t) => {
  t.equal(await get('/kept?token=s3cret'), 'fwd=uri-miss');
  await get('/not-kept');
  const kept = await ask('why', urlOf('/kept?token=s3cret'));
  t.match(kept, { status: 0, stderr: '' });
  t.match(kept.stdout, /1 answer is kept\.\n\n200, 4 bytes, for rule reads, route out\n/);
  t.match(kept.stdout, 'A GET now by rule reads, route out is a hit');
  t.equal(await get('/kept?token=s3cret'), 'hit', 'as it is');
  t.match(
    (await ask('why', urlOf('/not-kept'))).stdout,
    /an answer 200 was not kept, since it says no-store/,
  );
  t.match((await ask('why', urlOf('/other'))).stdout, /Nobody has asked for it since the start/);
});

// Attacks: secrets.
t.test(
  'purge takes out a URL or a host, and is on the trail, in the log and counted, without the query',
  async (t) => {
    for (const path of ['/kept?token=s3cret', '/a', '/b']) await get(path);
    const one = await ask('purge', urlOf('/kept?token=s3cret'), '--json');
    t.match(JSON.parse(one.stdout), { purged: 1, complete: true, kind: 'url' });
    t.equal(await get('/kept?token=s3cret'), 'fwd=uri-miss');
    t.equal(await get('/a'), 'hit');
    for (const other of ['origin.example.evil', 'rigin.example', `origin.example:${origin.port + 1}`])
      t.match(await ask('purge', other), { status: 0, stdout: /: 0 answers\n/ }, other);
    t.match(await ask('purge', 'ORIGIN.example'), {
      status: 0,
      stdout: /^Purged all of origin\.example: 3 answers\n/,
    });
    t.match(
      (await ask('why', urlOf('/b'))).stdout,
      /All of origin\.example was purged by hand at 20.* ago: nothing kept/,
    );
    t.equal(await get('/a'), 'fwd=uri-miss');
    const text = readFileSync(trail, 'utf8');
    t.match(
      text,
      /"action":"cache purge","by":"local","event":"admin",.*"url":"http:\/\/origin\.example:\d+\/kept\?\[redacted\]"/,
    );
    t.match(text, /"event":"admin",.*"host":"origin\.example"/);
    t.notMatch(text, /s3cret/);
    t.match(await weir.logged('Cache purged'), { purged: 1, by: 'local', complete: true });
    t.notMatch(weir.stderr, /s3cret/);
    t.equal(await metric(weir, 'weir_cache_purges_total{result="done"}'), 5);
  },
);

t.test('what makes no sense, and nobody at the socket, are told with what to do', async (t) => {
  t.match(await ask('why', 'https://a.example/'), { status: 64, stderr: /only plain HTTP is kept/ });
  t.match(await ask('purge', 'a.example', '--method', 'GET'), {
    status: 64,
    stderr: /are for weir cache why/,
  });
  const nowhere = await command('cache', 'why', 'http://a.example/', '--socket', join(folder, 'none'));
  t.match(nowhere, { status: 66, stderr: /there is no such socket\. Is Weir running here/ });
  const byFile = await command('cache', 'purge', 'a.example', '-c', weir.configFile as string);
  t.match(byFile, { status: 0, stdout: /: 0 answers/, stderr: '' });
  const unnamed = join(folder, 'unnamed.yaml');
  writeFileSync(unnamed, yamlOf({ access: `[{ ${READS} }]` }));
  t.match(
    (await command('cache', 'why', 'http://a.example/', '-c', unnamed)).stderr,
    `${unnamed} names no cache.socket: asking who is at "/run/weir/cache.sock"`,
  );
});

/** What somebody hears who sends these bytes, and closes his half where he is told to. */
async function send(bytes: string, isEnd = false): Promise<string> {
  const client = net.connect({ path: socket, allowHalfOpen: true });
  let text = '';
  client.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  client.on('error', () => {});
  client.write(bytes);
  if (isEnd) client.end();
  client.once('end', () => client.destroy());
  await once(client, 'close');
  return text;
}

// Attacks: bounded.
t.test('garbage, a line without end, half a line and a hundred who are silent harm nobody', async (t) => {
  t.match(await send('\0\xff\x01 garbage\n'), /"kind":"usage"/);
  t.match(await send('{"act":"purge","target":{"toString":1}}\n'), /"kind":"usage"/);
  t.match(await send('x'.repeat(100_000)), /"kind":"malformed"/);
  t.match(await send('{"act":', true), /"kind":"malformed"/);
  t.match(await send('GET / HTTP/1.1\r\n\r\n'), /"kind":"usage"/);
  const silent = Array.from({ length: 100 }, () => net.connect(socket).on('error', () => {}));
  await Promise.all(silent.map((each) => once(each, 'connect')));
  t.match(await send('{"act":"purge","target":"a"}\n'), /"kind":"busy"/);
  for (const each of silent) each.destroy();
  t.equal(await get('/after'), 'fwd=uri-miss', 'it serves on');
});

/** How a connect of another user ends. */
function asNobody(path: string): Promise<string> {
  const script = `require('net').connect(${JSON.stringify(path)}).on('connect', () => { console.log('let in'); process.exit() }).on('error', ({ code }) => console.log(code))`;
  return new Promise((resolve, reject) => {
    const nobody = { env: {}, cwd: '/', uid: 65_534, gid: 65_534 };
    execFile(process.execPath, ['-e', script], nobody, (error, stdout) => {
      if (error === null) resolve(stdout.trim());
      else reject(error);
    });
  });
}

// Attacks: own-hand.
t.test('another user finds no way to the socket', async (t) => {
  t.equal(lstatSync(socket).mode & 0o777, 0o600);
  t.equal(lstatSync(dirname(socket)).mode & 0o777, 0o700);
  if (process.getuid?.() !== 0) {
    t.comment('only root can be another user here: the modes have to do');
    return;
  }
  t.equal(await asNobody(socket), 'EACCES');
});

t.test('why goes by the policy in force, whatever is kept', async (t) => {
  await get('/told');
  const policies = [
    ['name: others, allow: [all], cache: true', 'fwd=uri-miss', /A GET now is a miss: the next hop/],
    ['name: reads, allow: [all]', undefined, /A GET now goes to the next hop without the cache/],
    ['name: none, deny: [all]', undefined, /A GET now is refused: no rule can allow it/],
    [READS, 'hit', /A GET now by rule reads, route out is a hit/],
  ] as const;
  for (const [round, [rule, cacheStatus, told]] of policies.entries()) {
    writeFileSync(weir.configFile as string, yamlWith(rule));
    await weir.logged('Configuration reloaded', round);
    const { stdout } = await ask('why', urlOf('/told'));
    t.match(stdout, told, rule);
    const isGivenUp = /for rule reads, route out\n {2}stored .*\n {2}given to nobody/.test(stdout);
    t.equal(isGivenUp, rule !== READS, rule);
    t.equal(await get('/told'), cacheStatus, `${rule}: as it is`);
  }
});

// The last: the disk is not used any more.
t.test(
  'a purge that leaves something on disk says so, wherever it is told, until it is mended',
  async (t) => {
    await ask('purge', 'origin.example');
    await get('/left?token=s3cret');
    const files = (): string[] =>
      readdirSync(kept, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.[0-9a-f]{24}\./.test(name),
      );
    await eventually(() => files().length === 1, 'it to be on disk');
    const file = join(kept, files()[0] as string);
    renameSync(file, `${folder}/aside`);
    // Nobody unlinks a folder, not even root.
    mkdirSync(file);
    const left = await ask('purge', urlOf('/left?token=s3cret'));
    t.match(left, {
      status: 1,
      stdout:
        /^Not all of http:\/\/origin.+ is purged, only 1 answer\nProcess \d+ cannot remove all of it from disk \(E\w+: .+ unlink '.+mend that/,
    });
    const told = /"action":"cache purge".*"problems":\["Process \d+ cannot remove .*"result":"incomplete"/;
    await eventually(() => told.test(readFileSync(trail, 'utf8')), 'it to be on the trail');
    t.match(await weir.logged('Cache not purged, or not all of it'), { outcome: 'incomplete' });
    t.equal(await metric(weir, 'weir_cache_purges_total{result="incomplete"}'), 1);
    t.equal(await metric(weir, 'weir_cache_disk_up'), 0);
    const again = await ask('purge', urlOf('/left?token=s3cret'), '--json');
    t.equal(again.status, 1, 'as often as it is tried');
    t.match(JSON.parse(again.stdout), { complete: false, problems: [/^Process \d+ cannot remove/] });
    rmdirSync(file);
    renameSync(`${folder}/aside`, file);
    t.match(await ask('purge', urlOf('/left?token=s3cret')), { status: 0, stdout: /: 1 answer\n$/ });
    t.same(files(), []);
    t.notMatch(readFileSync(trail, 'utf8') + weir.stderr, /s3cret/);
  },
);
