/**
 * Times small functions: every case in every round, one after another, processor time of the thread for each call. What a call
 * returns is used, so that the compiler cannot leave the work out. Prints a line for each case, or JSON with `--json`. With `--once`
 * nothing is repeated: that says whether the cases still run, and nothing about time.
 */
import assert from 'node:assert/strict';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { spreadOf } from '../stats/spread.ts';

/** One thing that is timed. The argument counts up, so that calls can differ from one another. */
export interface Case {
  readonly name: string;
  readonly call: (index: number) => unknown;
}

/** Work that is done in turns, or by threads of its own. */
export interface SlowCase {
  readonly name: string;
  readonly work: (calls: number) => Promise<void>;
}

/** Nanoseconds for each call, over the rounds. */
export interface Timing {
  readonly name: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

const ROUNDS = 7;
/** Long beside the clock's grain, short beside a person's patience. */
const ROUND_MS = 150;
const FIRST_CALLS = 1000;

/** Nanoseconds for each of `calls` calls. */
function round(call: Case['call'], calls: number): number {
  let used = 0;
  const before = process.threadCpuUsage();
  for (let index = 0; index < calls; index += 1) if (call(index)) used += 1;
  const { user, system } = process.threadCpuUsage(before);
  assert.ok(used > 0, 'What is timed never returns anything: has it been left out?');
  return ((user + system) * 1000) / calls;
}

/** Calls that fill a round; finding out is the warm-up. */
function callsFor(call: Case['call']): number {
  let calls = FIRST_CALLS;
  let ns = round(call, calls);
  while (ns * calls < ROUND_MS * 1e6) {
    calls *= 2;
    ns = round(call, calls);
  }
  return calls;
}

/** Times `cases` interleaved, and prints them under `title`. */
export function measure(title: string, cases: readonly Case[]): void {
  const { once } = flags();
  const entries = cases.map(({ name, call }) => {
    return { name, call, calls: once ? FIRST_CALLS : callsFor(call), ns: [] as number[] };
  });
  for (let index = 0; index < roundsOf(once); index += 1) {
    for (const { call, calls, ns } of entries) ns.push(round(call, calls));
  }
  print(title, entries);
}

/** The same for what has others work for it: processor time of all threads for each of `calls` calls. */
export async function measureSlow(title: string, cases: readonly SlowCase[], calls: number): Promise<void> {
  const { once } = flags();
  const entries = cases.map(({ name, work }) => ({ name, work, ns: [] as number[] }));
  const each = once ? Math.min(calls, FIRST_CALLS) : calls;
  for (let index = 0; index < roundsOf(once); index += 1) {
    for (const { work, ns } of entries) ns.push(await slowRound(work, each));
  }
  print(title, entries);
}

async function slowRound(work: SlowCase['work'], calls: number): Promise<number> {
  const before = process.cpuUsage();
  await work(calls);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / calls;
}

interface Flags {
  readonly json: boolean;
  readonly once: boolean;
}

function flags(): Flags {
  const flag = { type: 'boolean', default: false } as const;
  const { json, once } = parseArgs({ options: { json: flag, once: flag }, strict: false }).values;
  return { json: json === true, once: once === true };
}

function roundsOf(once: boolean): number {
  return once ? 1 : ROUNDS;
}

function print(title: string, entries: readonly { name: string; ns: readonly number[] }[]): void {
  const { json, once } = flags();
  const timings = entries.map(({ name, ns }): Timing => ({ name, ...spreadOf(ns) }));
  if (json) {
    console.log(JSON.stringify(timings));
    return;
  }
  console.log(
    `${title} (Node ${process.versions.node}, rounds: ${roundsOf(once)}, ns/op: median, least to most)`,
  );
  for (const { name, min, median, max } of timings) {
    const [low, middle, high] = [min, median, max].map((ns) => ns.toFixed(ns < 10 ? 1 : 0));
    console.log(`  ${name.padEnd(44)} ${middle?.padStart(8)}   ${low} to ${high}`);
  }
}
