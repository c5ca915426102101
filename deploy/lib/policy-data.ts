/** A policy of tier 1 as its ConfigMap has it: weir.yaml, and the lists and other files beside it that this names. */
import { createHash } from 'node:crypto';
import { Fault } from './fault.ts';

/** By the names of the files. */
export type PolicyData = Readonly<Record<string, string>>;

export const MAIN = 'weir.yaml';

/** What `kubectl get --output=jsonpath={.data}` has printed; undefined where there is nothing. @throws {Fault} */
export function policyIn(printed: string): PolicyData | undefined {
  if (printed.trim() === '') return undefined;
  try {
    return JSON.parse(printed) as PolicyData;
  } catch {
    throw new Fault(
      'kubectl does not print the data of ConfigMap weir as JSON',
      'kubectl get configmap weir --output=jsonpath={.data} shows what it prints',
    );
  }
}

/** Of all that is in it; where that is weir.yaml alone, its SHA-256. */
export function sumOfPolicy(data: PolicyData): string {
  const all = Object.entries(data);
  const [first] = all;
  const isAlone = all.length === 1 && first?.[0] === MAIN;
  const text = isAlone ? first[1] : JSON.stringify(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(text).digest('hex');
}

/** Whether all of `policy` lies there, among what may lie there still and nothing names. Ends do not count: versions before this lost them. */
export function isAmong(policy: PolicyData, there: PolicyData): boolean {
  return Object.entries(policy).every(([name, text]) => there[name]?.trim() === text.trim());
}
