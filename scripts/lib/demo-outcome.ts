/** What a request of the demo should come to, what it came to, and in what the two differ. */
import type { Answer } from './demo-client.ts';
import type { AccessLine } from './weir-process.ts';

export interface Expected {
  /** Status that the client sees. */
  readonly status: number;
  /** What the client must have been shown; a refused one shows something else. */
  readonly output: RegExp;
  /** Each tier's outcome, and the rule or the reason for it: `completed microsoft-login`; `-`: it never heard of the request. */
  readonly t1: string;
  readonly t2: string;
}

export interface Observed {
  readonly answer: Answer;
  readonly output: string;
  /** Final records of this transaction; undefined where there is none. */
  readonly t1: AccessLine | undefined;
  readonly t2: AccessLine | undefined;
}

/** One line for each difference; none: all is as it should be. */
export function differences(expected: Expected, observed: Observed): string[] {
  const { answer, output, t1, t2 } = observed;
  const compared = [
    ['status', String(expected.status), String(answer.status)],
    ['tier 1', expected.t1, summaryOf(t1)],
    ['tier 2', expected.t2, summaryOf(t2)],
  ] as const;
  const found = compared
    .filter(([, wanted, got]) => wanted !== got)
    .map(([what, wanted, got]) => `${what}: expected ${wanted}, got ${got}`);
  if (!expected.output.test(output)) found.push(`client: expected ${expected.output}, got ${output}`);
  if (answer.transaction === '') found.push('answer: it has no transaction id');
  return found;
}

/** A reason other than its own rule's word tells more than the rule, which may have said yes. */
function summaryOf(line: AccessLine | undefined): string {
  if (line === undefined) return '-';
  const { outcome, reason, rule } = line;
  return `${outcome} ${reason === undefined || reason === 'rule_denied' ? rule : reason}`;
}
