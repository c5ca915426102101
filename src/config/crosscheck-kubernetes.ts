/** `kubernetes`: keys that say something only together. */
import type { Outline } from './outline.ts';
import type { Flaw } from './problems.ts';

/** Flaws of what says how to watch pods where nobody does. */
export function checkKubernetes({ kubernetes }: Outline): Flaw[] {
  if (kubernetes.identity === true) return [];
  return Object.keys(kubernetes)
    .filter((name) => name !== 'identity')
    .map((name): Flaw => {
      const message = `Key "${name}" does nothing without "identity: true"`;
      return { path: ['kubernetes', name], at: 'key', message, fix: 'Remove it, or add identity: true' };
    });
}
