/**
 * `proxy_auth`: users by name, or any. Their passwords are with a helper of Squid's, of which nobody can make a users file: the
 * configuration names one, and who may be in it is for a person.
 */
import { parseUser } from '#match/words.ts';
import type { Translate } from './acl-values.ts';

/** Beside the configuration. */
export const USERS_FILE = 'users.txt';

/** `proxy_auth`. */
export const users: Translate = (acl, tell) => {
  for (const { at } of acl.values) {
    const message = `Users are those of ${USERS_FILE} beside the configuration, in which nobody is yet. Add each with "weir passwd NAME >> ${USERS_FILE}". Weir asks for credentials (407) where they could change the answer, and else answers 403; Squid asks wherever it comes to this ACL, and again those whom it refuses`;
    tell(at, 'changed', message);
  }
  const names = acl.values.map(({ text }) => text);
  if (names.includes('REQUIRED')) return { any: [{ users: ['*'] }] };
  if (names.length === 0) return { constant: false };
  if (acl.flags.has('-i') || names.some((name) => name === '-i'))
    return { unknown: 'with -i it takes names in any case, and Weir as they are written' };
  return names.every(isName)
    ? { any: [{ users: names }] }
    : { unknown: 'it has a name that no user of Weir can have' };
};

function isName(text: string): boolean {
  try {
    return parseUser(text) !== '*';
  } catch {
    return false;
  }
}
