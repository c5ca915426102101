/** What becomes of a question that came over the control socket: all processes are asked, and a change is put on record before it is made. */
import type { CacheQuestion, CacheReply, CacheWord } from '#cache/question.ts';
import type { Answer, FailureKind, ProcessView, PurgedBy, PurgeResult, WhyResult } from './protocol.ts';
import { readQuestion } from './read-question.ts';

/** How a purge went, for metrics. `incomplete`: a process did not answer, or could not remove what it has on disk. */
export const PURGE_RESULTS = ['done', 'incomplete', 'refused'] as const;
export type PurgeOutcome = (typeof PURGE_RESULTS)[number];

type PurgeTarget = Extract<CacheQuestion, { act: 'purge' }>['target'];

export interface AnswerParts {
  /** Asks each process that keeps something. Never rejects. */
  readonly ask: (question: CacheQuestion) => Promise<readonly CacheWord[]>;
  /** Puts on the audit trail that a purge is about to be. @throws {Error} it cannot be, and nothing is done without */
  readonly admit: (target: PurgeTarget) => Promise<void>;
  readonly onPurge: (outcome: PurgeOutcome, facts: PurgeResult | { readonly why: string }) => void;
}

/** The line that answers a line. Never rejects. */
export async function answerQuestion(line: string, parts: AnswerParts): Promise<string> {
  let question: CacheQuestion;
  try {
    question = readQuestion(line);
  } catch (error) {
    return failureLine('usage', (error as Error).message);
  }
  return question.act === 'why' ? await why(question, parts) : await purge(question, parts);
}

export function failureLine(kind: FailureKind, message: string): string {
  return lineOf({ failure: { kind, message } });
}

function lineOf(answer: Answer): string {
  return JSON.stringify(answer);
}

async function why(question: Extract<CacheQuestion, { act: 'why' }>, { ask }: AnswerParts): Promise<string> {
  const words = await ask(question);
  const { url, method } = question.request;
  const { rules } = words.map(({ reply }) => whyIn(reply)).find((reply) => reply !== undefined) ?? {};
  const result: WhyResult = {
    act: 'why',
    url,
    method,
    time: new Date().toISOString(),
    complete: words.every(({ reply }) => reply !== undefined),
    rules: rules ?? { caching: [], possible: [], others: [] },
    processes: words.map(({ pid, reply }): ProcessView => ({ pid: pid ?? null, ...whyIn(reply)?.view })),
  };
  return lineOf({ result });
}

function whyIn(reply: CacheReply | undefined): Extract<CacheReply, { act: 'why' }> | undefined {
  return reply?.act === 'why' ? reply : undefined;
}

async function purge(
  question: Extract<CacheQuestion, { act: 'purge' }>,
  { ask, admit, onPurge }: AnswerParts,
): Promise<string> {
  const { target } = question;
  try {
    await admit(target);
  } catch (error) {
    const { message } = error as Error;
    onPurge('refused', { why: message });
    return failureLine('refused', `Nothing was purged: ${message}`);
  }
  const words = await ask(question);
  const processes = words.map(({ pid, reply }) => ({ pid: pid ?? null, ...purgedIn(reply) }));
  const complete = processes.every(({ purged, fault }) => purged !== null && fault === undefined);
  const purged = processes.reduce((sum, process) => sum + (process.purged ?? 0), 0);
  const { kind, name } = target;
  const result: PurgeResult = { act: 'purge', kind, target: name, purged, complete, processes };
  onPurge(complete ? 'done' : 'incomplete', result);
  return lineOf({ result });
}

function purgedIn(reply: CacheReply | undefined): Omit<PurgedBy, 'pid'> {
  return reply?.act === 'purge' ? { purged: reply.purged, fault: reply.fault } : { purged: null };
}
