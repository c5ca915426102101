/** Holds docs/caching.md to the code: its words in both directions, and what it shows of commands to what they print. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { renderCacheStatus } from '#cache/cache-status.ts';
import { parseConfig } from '#config/load.ts';
import { answerQuestion } from '#control/answer-question.ts';
import { purgeText } from '#control/purge-text.ts';
import { WHY_NOT } from '#control/reason-text.ts';
import { whyText } from '#control/why-text.ts';
import { answerCache } from '#proxy/answer-cache.ts';
import { renderSquid } from '#record/render-squid.ts';
import { explain } from '#study/explain.ts';
import { renderExplanation } from '#study/render-explanation.ts';
import { openTier } from '#study/tier.ts';
import { readAnswer } from './fixtures/answer.ts';
import { RawClient } from './fixtures/client.ts';
import { httpOrigin } from './fixtures/origin.ts';
import { folderOf } from './fixtures/owned.ts';
import { projectFile } from './fixtures/promises.ts';
import { startProxy, type TestProxy } from './fixtures/proxy.ts';
import { fullRecord } from './fixtures/records.ts';
import { codeIn, docsPage, rowsWith } from './fixtures/tables.ts';

const page = docsPage('caching.md');

/** Words of a type that is written in one line. */
function wordsOf(file: string, type: string): string[] {
  const [, text = ''] = new RegExp(`export type ${type} = (.*);`).exec(projectFile(file)) ?? [];
  return [...text.matchAll(/'([\w-]+)'/g)].map(([, word = '']) => word);
}

const RESULTS = wordsOf('src/record/entry.ts', 'CacheResult');

t.test('docs/caching.md has every part of Cache-Status, and no other', async (t) => {
  const whole = {
    forwarded: 'stale',
    forwardStatus: 304,
    ttl: 1,
    isStored: true,
    isCollapsed: true,
  } as const;
  const members = [
    renderCacheStatus({ hop: 't2' }),
    renderCacheStatus({ hop: 't2', ...whole, detail: 'private' }),
  ];
  const parts = members.flatMap((member) => member.split(';').map((part) => part.split('=')[0]));
  const forwardings = [...wordsOf('src/cache/plan.ts', 'Forwarding'), 'method', 'bypass'];
  t.equal(forwardings.length, 6);
  const told = rowsWith(page, 'Part').map(({ Part }) => codeIn(Part)[0] ?? '');
  t.same(
    told.toSorted(),
    [
      ...new Set(parts.filter((part) => part !== 'fwd')),
      ...forwardings.map((word) => `fwd=${word}`),
    ].toSorted(),
  );
});

t.test('docs/caching.md has every word of why an answer is not kept, once, and no other', async (t) => {
  const inHeads = rowsWith(page, '`detail`').flatMap((row) => codeIn(row['`detail`']));
  const [later = ''] = /^What shows only behind the head.*$/m.exec(page) ?? [];
  const others = codeIn(later).filter((word) => word !== 'weir cache why');
  t.same([...inHeads, ...others].toSorted(), Object.keys(WHY_NOT).toSorted());
});

t.test('docs/caching.md has every word of the record, with what the other forms say', async (t) => {
  t.equal(RESULTS.length, 5);
  const rows = rowsWith(page, '`cache`');
  t.same(rows.map((row) => codeIn(row['`cache`'])[0]).toSorted(), RESULTS.toSorted());
  const allowed = { rule: 'a', method: 'GET', reason: undefined } as const;
  for (const row of rows) {
    const cache = codeIn(row['`cache`'])[0] as 'hit';
    const squid = codeIn(row["Squid's word"])[0];
    t.match(renderSquid({ ...fullRecord(), ...allowed, cache }), new RegExp(` ${squid}/200 `), cache);
  }
});

t.test('docs/acl.md has every word of explain for a cache', async (t) => {
  const rows = rowsWith(docsPage('acl.md'), 'Field').filter(({ Field }) => Field === '`hops[].cache`');
  const told = rows.flatMap(({ Meaning }) => codeIn(Meaning)).filter((word) => word !== 'cache: true');
  const words = wordsOf('src/study/cache-terms.ts', 'CachePart');
  t.equal(words.length, 5);
  t.same(told.toSorted(), words.toSorted());
});

const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];

t.test('docs/caching.md turns it on in as many lines as it says', async (t) => {
  t.equal(yaml.trim().split('\n').length, 5);
  t.match(page, '\nFive lines in the file of a tier.');
  const { policy, cache } = await parseConfig(fileOf('/var/cache/weir'), {});
  t.match(policy.access, [{ name: 'packages', cache: true }]);
  t.match(cache.disk, { path: '/var/cache/weir' });
});

/** The lines of the page in the file of a tier on loopback. */
function fileOf(folder: string): string {
  return `name: t2
listeners: [{ name: main, address: 127.0.0.1:0 }]
admin: { address: 127.0.0.1:0 }
routes: [{ name: internet, direct: true }]
guard: { allow: [127.0.0.0/8] }
dns: { hostsFile: none, servers: [127.0.0.1:9], hosts: { deb.debian.org: 127.0.0.1 } }
${yaml.replace('/var/cache/weir', folder)}`;
}

/** What the page shows: commands, each with its output. */
const shown = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...output] = text.split('\n');
      return { command, output: output.join('\n') };
    }),
);

function outputsOf(command: string): string[] {
  return shown.flatMap((one) => (one.command.includes(command) ? [even(one.output)] : []));
}

/** Without what is of one run: times, spans, places and ports. */
function even(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
    .replaceAll(/\b\d+ (?:s|min|h|d)(?: \d+ (?:s|min|h))?\b/g, 'SPAN')
    .replaceAll(/ttl=\d+/g, 'ttl=N')
    .replaceAll(/(weir\.yaml):\d+:\d+/g, '$1:N')
    .replaceAll(/(deb\.debian\.org):\d+/g, '$1')
    .replaceAll(/(?:\/[^ (/\n]+)+\/(?=weir\.yaml)/g, '');
}

const SOURCE = {
  'Cache-Control': 'public, max-age=120',
  ETag: '"2260d-64a"',
  'Last-Modified': new Date(Date.now() - 864_000_000).toUTCString(),
};
const PATH = '/debian/dists/stable/InRelease';

async function get({ port }: TestProxy, url: string): Promise<string> {
  await using client = await RawClient.connect(port);
  client.send(`GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return (await readAnswer(client)).fields['cache-status'] ?? '';
}

/** As the control socket answers. */
async function ask({ proxy }: TestProxy, asked: object): Promise<never> {
  const line = await answerQuestion(JSON.stringify(asked), {
    ask: async (question) => [{ pid: 1, reply: await answerCache(proxy.context, question) }],
    admit: async () => {},
    onPurge: () => {},
  });
  return JSON.parse(line).result as never;
}

async function explained(t: Test, url: string): Promise<string> {
  const folder = t.testdir({ 'weir.yaml': fileOf('/var/cache/weir') });
  const first = await openTier(join(folder, 'weir.yaml'));
  const question = { ip: '10.132.0.4', listener: 'main', target: url };
  return renderExplanation(await explain({ first, question, names: 'unknown' }));
}

t.test('docs/caching.md shows what commands and answers say', async (t) => {
  await using origin = await httpOrigin((_, response) => {
    for (const [name, value] of Object.entries(SOURCE)) response.setHeader(name, value);
    response.end(Buffer.alloc(140_800, 'x'));
  });
  await using proxy = await startProxy(fileOf(folderOf(t)));
  const url = `http://deb.debian.org:${origin.port}${PATH}`;
  t.same(outputsOf('weir explain'), [even(await explained(t, `http://deb.debian.org${PATH}`))]);
  const statuses = [await get(proxy, url), await get(proxy, url)];
  t.same(
    outputsOf('curl -s -o /dev/null'),
    statuses.map((status) => even(`${status}\n`)),
  );
  const why = { act: 'why', url, method: 'GET', headers: [] };
  const before = whyText(await ask(proxy, why));
  const purged = purgeText(await ask(proxy, { act: 'purge', target: 'deb.debian.org' }));
  t.same(outputsOf('weir cache purge'), [purged]);
  t.same(outputsOf('weir cache why'), [before, whyText(await ask(proxy, why))].map(even));
  const records = (await proxy.ended(2)).map((entry) => [entry.method, entry.url, entry.cache]);
  t.same(outputsOf('jq'), [even(records.map((record) => `${JSON.stringify(record)}\n`).join(''))]);
});
