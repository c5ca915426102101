/** `onRevoke` of a rule: what becomes of open tunnels that the policy would not allow any more. */
import type { OnRevoke } from '#acl/on-revoke.ts';
import { parseDuration } from './units.ts';

/**
 * Reads `keep`, `cut` or `drain DURATION`.
 * @throws {Error} naming the text and the fix
 */
export function parseOnRevoke(text: string): OnRevoke {
  if (text === 'keep' || text === 'cut') return { act: text };
  const [, duration] = /^drain +(\S+)$/.exec(text) ?? [];
  if (duration !== undefined) return { act: 'drain', ms: parseDuration(duration) };
  throw new Error(
    `What "${text}" means is not known, write keep, cut or drain with a duration such as "drain 5m"`,
  );
}
