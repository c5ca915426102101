/**
 * `npm run monitoring`: writes what Prometheus, its operators and Grafana read under k8s/, from the tables in scripts/monitoring/. What
 * is written is checked in, and test/homes/monitoring.ts fails where the two differ; what is written elsewhere has links of your own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from './lib/command.ts';
import { monitoringFiles } from './monitoring/files.ts';

const HELP = `npm run monitoring [-- OPTIONS]

Writes rules, dashboards and the index of the runbooks from the tables in scripts/monitoring/.

  --runbooks URL  where your copy of docs/runbooks/ is read, which makes a link of each alert's runbook_url; with --to
  --to FOLDER     where it is written (otherwise here, as it is checked in)

  npm run monitoring -- --runbooks https://git.example.com/egress/weir/-/blob/main/docs/runbooks --to ../monitoring`;

const ROOT = join(import.meta.dirname, '..');

interface Options {
  readonly runbooks: string | undefined;
  readonly to: string;
}

/** @throws {Error} */
function parse(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      runbooks: { type: 'string' },
      to: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  const { runbooks, to } = values;
  if (runbooks !== undefined && !URL.canParse(runbooks))
    throw new Error(
      `Cannot make links: "${runbooks}" is no URL. Write one such as https://host/docs/runbooks`,
    );
  if (runbooks !== undefined && to === undefined)
    throw new Error('Cannot write links of your own over what is checked in. Say with --to where they go');
  return { runbooks: runbooks?.replace(/\/+$/, ''), to: to === undefined ? ROOT : resolve(to) };
}

async function write({ runbooks, to }: Options): Promise<boolean> {
  for (const [path, text] of Object.entries(monitoringFiles(runbooks))) {
    const file = join(to, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(path);
  }
  return true;
}

await runCommand({ help: HELP, parse, run: write });
