/**
 * Which way back fits what verifying has found (background chart 6.2): the smallest that can mend it first, and where that was tried
 * since the last deployment and it still is not well, the next one. Some of it no way back mends.
 */
import type { Wrong } from '../checks/check.ts';
import { SEVERITIES, type Severity } from './goal.ts';

export interface Suggestion {
  readonly way: 'none' | 'mend' | Severity;
  /** A sentence for people. */
  readonly because: string;
}

/** Where doctor's first ✗ is the target's own, or the way to it, no version of ours is at fault. */
const TARGET = /^target-/;

/** What could mend each check; undefined where no way back can. */
function wayFor({ id, fault }: Wrong): Severity | undefined {
  if (id === 'refused' || id === 'tier1-policy') return 'policy';
  if (/^tier[12]-/.test(id)) return 'version';
  if (!id.startsWith('permitted:')) return undefined;
  const step = /^doctor ✗ ([\w-]+)/.exec(fault.message)?.[1] ?? '';
  if (TARGET.test(step)) return undefined;
  return step.endsWith('-verdict') ? 'policy' : 'version';
}

/** `tried`: ways that were gone since something was put in. */
export function suggest(wrong: readonly Wrong[], tried: ReadonlySet<Severity>): Suggestion {
  if (wrong.length === 0) return { way: 'none', because: 'Everything holds: go on watching' };
  const names = wrong.map(({ id }) => id).join(', ');
  const open = wrong.find(({ id }) => id.startsWith('bypass') || id === 'firewall');
  if (open !== undefined)
    return { way: 'mend', because: `${open.fault.message}. No way back mends that: ${open.fault.cure}` };
  const ranks = wrong.map(wayFor).flatMap((way) => (way === undefined ? [] : [SEVERITIES.indexOf(way)]));
  if (ranks.length === 0)
    return { way: 'mend', because: `No way back mends ${names}: ${wrong[0]?.fault.cure}` };
  const fitting = SEVERITIES.slice(Math.max(...ranks));
  const way = fitting.find((one) => !tried.has(one)) ?? 'squid';
  const vain = fitting.filter((one) => tried.has(one) && one !== way);
  const again = vain.length === 0 ? '' : `, and ${vain.join(' and ')} did not mend it`;
  return { way, because: `Not so: ${names}${again}` };
}
