/**
 * `maxconn`: how many connections of one client there are. A rule of Weir's cannot ask that, but what it allows can count under
 * a limit, so that one shape can be said: `http_access deny` with such an ACL alone, and nothing else that uses it.
 */
import { type Statement, textsOf, wordAt } from './statement.ts';

/** By the line, the most connections of one client: lines of ACLs, and the `http_access` that refuse more. */
export type ConnectionLimits = ReadonlyMap<Statement, number>;

/** Finds them among all lines of a squid.conf. */
export function connectionLimits(statements: readonly Statement[]): ConnectionLimits {
  const found = new Map<Statement, number>();
  for (const line of statements.filter(isAboutConnections)) {
    const [count, users] = [Number(wordAt(line, 2)), usersOf(line, statements)];
    if (count < 1 || count > 1_000_000_000 || users.length === 0 || !users.every(isPlainDeny)) continue;
    for (const one of [line, ...users]) found.set(one, count);
  }
  return found;
}

/** Name of the limit of so many tunnels. */
export function connectionLimitOf(tunnels: number): string {
  return `connections-${tunnels}`;
}

function isAboutConnections({ name, words }: Statement): boolean {
  const [, type, count, ...others] = words;
  return name === 'acl' && type?.text === 'maxconn' && /^\d+$/.test(count?.text ?? '') && others.length === 0;
}

/** Every line that names the ACL, be it as another one's. */
function usersOf(acl: Statement, statements: readonly Statement[]): Statement[] {
  const name = wordAt(acl, 0).toLowerCase();
  return statements.filter(
    (line) => line !== acl && textsOf(line).some((word) => word.replace('!', '').toLowerCase() === name),
  );
}

function isPlainDeny(line: Statement): boolean {
  const [action, reference = '!', ...others] = textsOf(line);
  return (
    line.name === 'http_access' && action === 'deny' && !reference.startsWith('!') && others.length === 0
  );
}
