/**
 * `npm run demo`: both tiers as two processes by copies of examples/, a local server in the place of login.microsoft.com, and
 * three requests: one that passes, one that tier 1 refuses and one that tier 2 refuses. Shows what the client saw beside what
 * both tiers logged. Needs no network, and leaves nothing behind. Exit status 1 when anything comes out otherwise.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseNothing, runCommand } from './lib/command.ts';
import { type Answer, ask, readAnswer } from './lib/demo-client.ts';
import { differences, type Expected } from './lib/demo-outcome.ts';
import { type Played, renderAct, renderSummary } from './lib/demo-print.ts';
import { ORIGIN_ANSWER, ORIGIN_NAME, startOrigin, startTap, type Tap } from './lib/demo-stage.ts';
import { changeHours, startTwoTiers, type TierEdits, type TwoTiers } from './lib/two-tiers.ts';
import type { AccessLine, WeirProcess } from './lib/weir-process.ts';

const HELP = `npm run demo

Starts both tiers by copies of examples/ with a local server, and shows three requests: one that passes and two that are refused.
Nothing leaves this machine, and nothing is left behind. Takes no options but --help.

Exit status 1 where anything comes out otherwise.`;

/** A request that is about to be made. */
interface Act {
  readonly title: string;
  readonly story: string;
  readonly host: string;
  readonly expected: Expected;
  /** What has to be done before. */
  readonly prepare?: () => Promise<void>;
}

/** A request that was made; the logs are read when both tiers have ended, so that what is missing is missing for good. */
interface Made extends Act {
  readonly command: string;
  readonly output: string;
  readonly answer: Answer;
}

interface Stage {
  readonly tiers: TwoTiers;
  readonly tap: Tap;
  readonly caFile: string;
  readonly edits: TierEdits;
}

/** curl and our own client say it in different words. */
const REFUSED = /403/;

function acts({ tiers, edits }: Stage): readonly Act[] {
  return [
    {
      title: 'Allowed by both tiers',
      story: 'Both policies allow the name, so the tunnel opens and TLS runs from the client to the origin.',
      host: ORIGIN_NAME,
      expected: {
        status: 200,
        output: new RegExp(ORIGIN_ANSWER),
        t1: 'completed microsoft-login',
        t2: 'completed microsoft-login',
      },
    },
    {
      title: 'Refused by tier 1',
      story: 'The name is none of Microsoft, so tier 1 refuses, and tier 2 is not even asked.',
      host: 'www.example.com',
      expected: { status: 403, output: REFUSED, t1: 'denied not-microsoft', t2: '-' },
    },
    {
      title: 'Refused by tier 2',
      story:
        "The first request again, after hours: tier 2's file now names business hours that exclude this very moment, " +
        'and the process has taken the change over by itself. Until now the copy was open day and night.',
      host: ORIGIN_NAME,
      expected: { status: 403, output: REFUSED, t1: 'denied peer_refused', t2: 'denied after-hours' },
      prepare: () => changeHours(tiers.t2, { ...edits, hours: 'closed' }),
    },
  ];
}

async function make(act: Act, { tap, caFile, edits }: Stage): Promise<Made> {
  await act.prepare?.();
  const url = `https://${act.host}:${edits.tlsPort}/`;
  const { command, output } = await ask({ proxy: `http://127.0.0.1:${tap.port}`, url, caFile });
  return { ...act, command, output, answer: readAnswer(tap.sent()) };
}

/** Lets a tier finish, so that its log is whole. @returns whether it ended as it should */
async function finish(tier: WeirProcess): Promise<boolean> {
  tier.signal('SIGTERM');
  const { code } = await tier.exited;
  return code === 0;
}

function played(made: Made, { t1, t2 }: TwoTiers): Played {
  const { answer, output, expected } = made;
  const endIn = ({ records }: WeirProcess): AccessLine | undefined =>
    records.find((line) => line.event === 'end' && line.transaction_id === answer.transaction);
  const observed = { answer, output, t1: endIn(t1), t2: endIn(t2) };
  return { ...made, observed, differences: differences(expected, observed) };
}

async function play(folder: string): Promise<boolean> {
  await using origin = await startOrigin(folder);
  const edits: TierEdits = { tlsPort: origin.port, hosts: [ORIGIN_NAME] };
  await using tiers = await startTwoTiers(edits);
  await using tap = await startTap(tiers.t1.port);
  const stage = { tiers, tap, caFile: origin.caFile, edits };
  console.log(
    'Weir in two tiers, by copies of examples/t1.yaml and examples/t2.yaml; nothing leaves this machine.\n',
  );
  console.log(
    `client ─▶ tier 1, 127.0.0.1:${tap.port} ─▶ tier 2, 127.0.0.1:${tiers.t2.port} ─▶ ${ORIGIN_NAME}, 127.0.0.1:${origin.port}`,
  );
  const all: Made[] = [];
  for (const act of acts(stage)) all.push(await make(act, stage));
  const isWhole = (await finish(tiers.t1)) && (await finish(tiers.t2));
  const done = all.map((made) => played(made, tiers));
  const columns = process.stdout.columns ?? 100;
  done.forEach((act, index) => {
    console.log(`\n${renderAct(act, index + 1, columns)}`);
  });
  console.log(`\n${renderSummary(done)}`);
  if (!isWhole) console.log('✗ A tier did not end in order');
  return isWhole && done.every(({ differences }) => differences.length === 0);
}

async function run(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-demo-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  try {
    return await play(folder);
  } catch (error) {
    throw new Error(`Cannot play the demo: ${(error as Error).message}`, { cause: error });
  }
}

await runCommand({ help: HELP, parse: parseNothing, run });
