/** `onRevoke` of a rule: what becomes of open tunnels that the policy would not allow any more. */
import type { OnRevoke } from '#acl/rule.ts';
import { parseDuration } from './units.ts';

/**
 * Reads `keep`, `cut`, or `drain` with a duration.
 * @throws {Error} naming the text and the fix
 */
export function parseOnRevoke(text: string): OnRevoke {
  if (text === 'keep' || text === 'cut') return { act: text };
  const [, duration] = /^drain +(\S+)$/.exec(text) ?? [];
  if (duration === undefined) {
    throw new Error(
      `"${text}" is not known here, write keep, cut, or drain with a duration such as "drain 5m"`,
    );
  }
  const ms = parseDuration(duration);
  if (ms === 0) throw new Error(`"${text}" leaves no time, write cut`);
  return { act: 'drain', ms };
}
