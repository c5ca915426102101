/** A line of `usersFile`: a name and the hash of its password. */
import { parseUser } from '#match/words.ts';
import { parsePasswordHash } from './password-hash.ts';

/** Text alone, so that it can be sent to workers. */
export interface User {
  readonly name: string;
  /** In the form of password-hash.ts. */
  readonly hash: string;
}

/**
 * Reads `name:hash`. What is wrong is told without the line: it may hold a password.
 * @throws {Error} with the fix
 */
export function parseUserLine(line: string): User {
  const colon = line.indexOf(':');
  if (colon < 1)
    throw new Error('The line has no colon behind a name, write the line that "weir passwd" prints');
  const name = parseUserName(line.slice(0, colon));
  const hash = line.slice(colon + 1);
  parsePasswordHash(hash);
  return { name, hash };
}

/**
 * Reads the name of one user.
 * @throws {Error} naming the text and the fix
 */
export function parseUserName(text: string): string {
  // In ACLs it stands for every user.
  if (text === '*') throw new Error('User "*" would be everybody, write a name');
  // The file's lines are trimmed, and one that begins so is a comment.
  if (text.startsWith('#') || text !== text.trim())
    throw new Error(`User "${text}" cannot be a name, write one without "#" or blanks at its ends`);
  return parseUser(text);
}
