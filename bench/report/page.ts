/** A run as a page of Markdown: the report beside the results, and docs/performance.md. */
import { addedLatency } from './added-latency.ts';
import { judge } from './judge.ts';
import type { Plot } from './plots/plot.ts';
import { machineLines } from './provenance.ts';
import { partakersOf, type Results } from './results.ts';
import { contractTable, generatorWarnings, workloadTable } from './tables.ts';
import { markdownTable } from './text.ts';

const METHOD = `- Origin, load generator and each proxy are processes of their own on one machine; all traffic is loopback.
- **Before anything is timed it is proven right**: every byte of bodies, echoes and transfers is compared, and every status.
- Every subject gets the same warm-up, which is not counted: a proxy in Node gets cheaper until its hot functions are compiled.
- **Rounds are interleaved** (A B C A B C …), so that a machine that slows down slows all of them. Shown are minimum / median / maximum of the rounds; of work that is done several times in each round, of all those times.
- **CPU** is user and system time from \`/proc/PID/stat\` over all processes of the subject (two tiers: both), until 0.2 s after the client saw the end, divided by the units of work. The kernel counts it in hundredths of a second.
- **Memory** is resident memory of all its processes. What the kernel holds for sockets is not in it.
- **Latency** goes from \`connect\` to the last byte of the echo (tunnels) or of the answer (HTTP), in an HDR histogram of three digits; the percentile of each round, then the median of the rounds. At a fixed rate no start waits for an answer.
- Weir and Squid have the same rules: those of \`examples/\`, said in Squid's words by a program (bench/subjects/squid-conf.ts). Both write an access log to a file in batches, cache nothing, and speak plain TCP between tiers where TLS is not in their name. Weir counts its metrics.
- **TLS between tiers** is mutual and 1.3, with a certificate of an authority's (EC P-256) that openssl makes for each chain; sessions are taken up again as each program does by itself.
- **Tiers far apart** are on this machine too: a relay of ours (bench/load/distance.ts) between them hands on bytes, FIN and RST half a round trip later, in their order. The kernel answers the relay's caller at once; so what the caller says counts as said one round trip after, as it would have been if TCP's handshake had gone over that distance. Loss and the growth of TCP's window are not there. A connection that was opened ahead had its handshakes before. test/flow/round-trips.ts holds the same numbers of round trips by counting, without any clock.`;

const TRAPS = `- **Ratios travel, numbers do not.** Another processor, kernel or mitigations change every absolute value here.
- Loopback has no latency, no loss and no interrupts of a network card. The kernel charges the receiving half of a loopback packet to its sender.
- Throughput is that of the whole machine: where cores are few, generator, origin and proxy share them. CPU for each unit is what a proxy costs; "generator busy" above 90 % means that throughput and latency are the generator's.
- Tunnels are opened and closed in one go; Weir's cost for each tunnel falls over its first several thousand.
- Memory grows in steps: a heap that has just grown looks like expensive tunnels. So it is taken over thousands, in fresh processes.
- p99.9 of a thousand tunnels is one tunnel.`;

function workloadSection(results: Results, workload: Results['workloads'][number]): string {
  const { title, story } = workload;
  return `### ${title}\n\n${sentence(story)}\n\n${markdownTable(workloadTable(results, workload))}`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What a program said at its end, with paths of the machine, is for the terminal. */
const firstLine = (text: string): string => text.split('\n', 1)[0] as string;

function notes(results: Results): string {
  const missing = Object.values(results.missing).map((why) => `Left out: ${why}.`);
  const faults = results.faults.map(
    ({ workload, subject, message }) => `${workload}, ${subject}: ${firstLine(message)}.`,
  );
  const lines = [...missing, ...faults, ...generatorWarnings(results).map((warning) => `${warning}.`)];
  return lines.length === 0 ? '' : `\n\n### Notes\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
}

/** What must be read before any number; none where the run can stand for all. */
function caveats({ isQuick }: Results, gaps: readonly string[]): readonly string[] {
  if (isQuick)
    return ['**A quick run, to see whether everything runs. No number on this page is worth quoting.**'];
  return gaps.length === 0 ? [] : [`**A part of a run: ${gaps.join('; ')}.**`];
}

interface Parts {
  readonly title: string;
  readonly intro: string;
  /** What is missing that a whole run has. */
  readonly gaps: readonly string[];
  /** Where the plots are, seen from the page. */
  readonly folder: string;
  /** Runs of what this one leaves out. @default none */
  readonly others?: readonly Results[];
}

function measurements(results: Results): readonly string[] {
  const partakers = partakersOf(results).map(({ title, story }) => `- **${title}**: ${story}`);
  return [
    ...results.workloads.map((workload) => workloadSection(results, workload)),
    `### Who took part\n\n${partakers.join('\n')}${notes(results)}`,
  ];
}

/** What another run has measured beside that of the page. Its headings say so, as each may be there once. */
function otherRun(other: Results, { workloads }: Results): readonly string[] {
  const known = new Set(workloads.map(({ name }) => name));
  const more = { ...other, workloads: other.workloads.filter(({ name }) => !known.has(name)) };
  const when = `, run of ${other.startedAt}`;
  return [
    `## Measured in another run, ${other.startedAt}`,
    'At another time, so that its numbers are to be compared with each other only.',
    ...measurements(more).map((section) => section.replace(/^(### Who took part|### Notes)$/gm, `$1${when}`)),
    machineLines(other),
  ];
}

/** The whole page. */
function renderPage(results: Results, plots: readonly Plot[], parts: Parts): string {
  const { title, intro, gaps, folder, others = [] } = parts;
  return [
    `# ${title}`,
    intro,
    ...caveats(results, gaps),
    '## What is promised, and what was measured',
    markdownTable(contractTable(judge(results))),
    ...addedLatency([results, ...others]),
    '## Pictures',
    ...plots.map(({ name, caption }) => `![${caption}](${folder}/${name}.svg)`),
    '## Every measurement',
    'Minimum / median / maximum of the rounds where there are three numbers, else the median. "÷ Squid" is the ratio of the medians: of one tier to one Squid, of two tiers to two.',
    ...measurements(results),
    '## Machine and run',
    machineLines(results),
    ...others.flatMap((other) => otherRun(other, results)),
    '## How it is measured',
    METHOD,
    '## Traps',
    TRAPS,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

/** The report that lies beside the results. */
export function renderReport(results: Results, plots: readonly Plot[], folder: string): string {
  const intro = 'Made by `npm run bench`.';
  return renderPage(results, plots, { title: `Performance, ${results.startedAt}`, intro, gaps: [], folder });
}

/** docs/performance.md, which tells of `gaps` where the run has any. */
export function renderDocs(
  results: Results,
  plots: readonly Plot[],
  parts: Pick<Parts, 'folder' | 'gaps' | 'others'>,
): string {
  const intro = [
    'What Weir costs, side by side with Squid in the same run on the same machine.',
    'This page is generated from the last run; do not edit it. `npm run bench` measures and judges, `npm run bench:docs` writes the page.',
    '`npm run bench:quick` compares the working tree with the commit in `bench/baseline`, and fails where it got more than a tenth worse.',
  ].join('\n');
  return renderPage(results, plots, { title: 'Performance', intro, ...parts });
}
