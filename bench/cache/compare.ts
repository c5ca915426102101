/**
 * The cases of test/fixtures/cache through Weir, Squid, nginx and Varnish (`npm run cache:compare`), and what came of it as a table in
 * docs/caching.md. A program that is not installed has no column, and the page is left as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { cellOf } from '../../test/fixtures/cache/case-title.ts';
import { CASES, forAll, type Numbered } from '../../test/fixtures/cache/cases.ts';
import { type CaseOrigin, startCaseOrigin } from '../../test/fixtures/cache/origin.ts';
import { runCase, type Stage } from '../../test/fixtures/cache/run-case.ts';
import { startProxy, yamlOf } from '../../test/fixtures/proxy.ts';
import { startNginx, startSquid, startVarnish, versionOf } from './yardsticks.ts';

const PAGE = join(import.meta.dirname, '../../docs/caching.md');
const MARK = '<!-- npm run cache:compare writes what follows -->';

/** By case; empty where it passes. */
type Results = ReadonlyMap<number, readonly string[]>;

async function played(stage: Stage): Promise<Results> {
  const results = new Map<number, readonly string[]>();
  await forAll(async (one) => {
    results.set(one.id, await runCase(stage, one.id, one).catch((error: Error) => [error.message]));
  });
  return results;
}

async function playWeir(origin: CaseOrigin): Promise<Results> {
  const access = '[{ name: everything, allow: [all], cache: true }]';
  await using proxy = await startProxy(yamlOf({ access }));
  return await played({ origin, host: 'origin.example', proxyPort: proxy.port });
}

async function playSquid(origin: CaseOrigin, program: string): Promise<Results> {
  await using squid = await startSquid(program);
  return await played({ origin, host: '127.0.0.1', proxyPort: squid.port });
}

async function playNginx(origin: CaseOrigin, program: string): Promise<Results> {
  await using nginx = await startNginx(program, origin.port);
  return await played({ origin, host: '127.0.0.1', proxyPort: nginx.port, isForward: false });
}

async function playVarnish(origin: CaseOrigin, program: string): Promise<Results> {
  await using varnish = await startVarnish(program, origin.port);
  return await played({ origin, host: '127.0.0.1', proxyPort: varnish.port, isForward: false });
}

function passes(results: Results, level: Numbered['level']): string {
  const of = CASES.filter((one) => one.level === level);
  return `${of.filter(({ id }) => results.get(id)?.length === 0).length} of ${of.length}`;
}

function tableOf(columns: Readonly<Record<string, Results>>): string {
  const names = Object.keys(columns);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    row(['Cases', ...names]),
    row(['---', ...names.map(() => '---')]),
    row(['from a MUST', ...names.map((name) => passes(columns[name] as Results, 'must'))]),
    row(['better for a cache', ...names.map((name) => passes(columns[name] as Results, 'may'))]),
    '',
    row(['RFC 9111', 'Case', 'Level', ...names]),
    row(['---', '---', '---', ...names.map(() => '---')]),
    ...CASES.map(({ id, section, title, level }) =>
      row([
        section,
        cellOf(title),
        level,
        ...names.map((name) => (columns[name]?.get(id)?.length === 0 ? 'yes' : 'no')),
      ]),
    ),
  ];
  return lines.join('\n');
}

const [squid, nginx, varnish] = ['squid', 'nginx', 'varnishd'].map(toolPath);
await using origin = await startCaseOrigin();
const columns: Record<string, Results> = { Weir: await playWeir(origin) };
if (squid !== undefined) columns.Squid = await playSquid(origin, squid);
if (nginx !== undefined) columns.nginx = await playNginx(origin, nginx);
if (varnish !== undefined) columns.Varnish = await playVarnish(origin, varnish);
for (const [name, results] of Object.entries(columns))
  console.log(`${name}: ${passes(results, 'must')} from a MUST, ${passes(results, 'may')} others`);
if (process.argv.includes('--why')) {
  const [name = 'Weir'] = process.argv.slice(process.argv.indexOf('--why') + 1);
  for (const { id, section, title, level } of CASES)
    for (const fault of columns[name]?.get(id) ?? []) console.log(`${level} ${section} ${title}: ${fault}`);
}
if (squid !== undefined && nginx !== undefined && varnish !== undefined) {
  const [before = ''] = readFileSync(PAGE, 'utf8').split(MARK);
  const versions = `Squid ${versionOf(squid)}, nginx ${versionOf(nginx)}, Varnish ${versionOf(varnish)}.`;
  writeFileSync(PAGE, `${before}${MARK}\n\n${versions}\n\n${tableOf(columns)}\n`);
} else {
  console.error('Squid, nginx or Varnish is not installed: docs/caching.md is left as it is');
}
