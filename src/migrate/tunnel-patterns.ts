/** `url_regex` where it is asked of a CONNECT: ACLs of names and ports, and what is told of the difference. */
import { LONGEST_HOST } from '#match/expressions.ts';
import { type AuthorityFinds, findsInAuthority, isEvery } from './authority-expression.ts';
import type { AclDraft } from './draft.ts';
import { areCheap, type Expression } from './expressions.ts';
import type { Tell } from './finding.ts';

/** ACLs of which any must hold; none: it never does. */
export type OfTunnels = 'always' | 'unknown' | readonly AclDraft[];

/** So many ACLs of a name with ports are written out. */
const MOST_PAIRS = 16;
/** So many expressions are named in one sentence. */
const MOST_NAMED = 3;

/** What the expressions say of a CONNECT. */
export function ofTunnels(read: readonly Expression[], tell: Tell): OfTunnels {
  const found = read.map((one) => findsInAuthority(one.text, one.ignoresCase));
  const isNever = (_: Expression, index: number): boolean => isNothing(found[index]);
  tellEach(read.filter(isNever), tell, (which) => ['same', `${which}: ${NEVER}`]);
  const isUnsaid = (_: Expression, index: number): boolean => found[index] === undefined;
  tellEach(read.filter(isUnsaid), tell, (which) => ['changed', `${which}: ${UNSAID}`]);
  const asksNames = (_: Expression, index: number): boolean =>
    [...(found[index]?.names ?? []), ...(found[index]?.pairs ?? [])].length > 0;
  tellEach(read.filter(asksNames), tell, () => ['changed', BY_NAME]);
  return found.every((finds) => finds !== undefined) ? draftsOf(found) : 'unknown';
}

const NEVER =
  'never found in the host and port of a CONNECT, in Squid either; there it looks at nothing else. It counts for plain HTTP alone';

const UNSAID =
  'Squid looks for this in the host and port of a CONNECT as well, and Weir has no URL there. It cannot be written as names and ports; write dstDomains or ports by hand';

const BY_NAME =
  'Of a CONNECT Squid looks at host and port; here ACLs of names and ports do. For a target that is an IP address they judge no name: allow fails and deny holds';

function isNothing(finds: AuthorityFinds | undefined): boolean {
  return finds !== undefined && [finds.ports, finds.names, finds.pairs].every(({ length }) => length === 0);
}

/** Says it once for each line, of its first expressions. */
function tellEach(
  expressions: readonly Expression[],
  tell: Tell,
  say: (which: string) => readonly ['same' | 'changed', string],
): void {
  for (const [at, ofLine] of Map.groupBy(expressions, ({ value }) => value.at)) {
    const named = ofLine.slice(0, MOST_NAMED).map(({ source }) => `"${source}"`);
    const more = ofLine.length > MOST_NAMED ? ` and ${ofLine.length - MOST_NAMED} more` : '';
    tell(at, ...say(named.join(', ') + more));
  }
}

function draftsOf(found: readonly AuthorityFinds[]): OfTunnels {
  if (found.some((finds) => isEvery(finds.ports))) return 'always';
  const ports = [...new Set(found.flatMap((finds) => finds.ports))];
  const names = [...new Set(found.flatMap((finds) => finds.names))];
  const pairs = found.flatMap((finds) => finds.pairs);
  const asked = [...names, ...pairs.map(({ name }) => name)];
  if (pairs.length > MOST_PAIRS || (asked.length > 0 && !areCheap(asked, LONGEST_HOST))) return 'unknown';
  return [
    ...(names.length === 0 ? [] : [{ dstDomainRegex: names }]),
    ...(ports.length === 0 ? [] : [{ ports }]),
    ...pairs.map(({ name, ports }) => ({ dstDomainRegex: [name], ports })),
  ];
}
