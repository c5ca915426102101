/** Who may go where: ACLs, the rules that use them, and what the rules limit and say. */
import { translateAccess } from './access.ts';
import { type AclTable, UNUSED } from './acl-table.ts';
import { connectionLimitOf, connectionLimits } from './connection-limits.ts';
import { translateDelayPools } from './delay-pools.ts';
import { translateDenyInfo } from './deny-info.ts';
import type { Draft } from './draft.ts';
import type { Verdict } from './finding.ts';
import type { SquidSource } from './read.ts';
import { type AclSettings, readAcls } from './read-acls.ts';
import type { Statement } from './statement.ts';

/** Where the rules go, and what the ACLs are translated with. */
export interface RuleParts {
  readonly draft: Draft;
  readonly settings: AclSettings;
  /** Statements of one name. */
  of(name: string): readonly Statement[];
}

/** Writes the rules. @returns the ACLs, for what else uses them */
export async function translateRules(source: SquidSource, parts: RuleParts): Promise<AclTable> {
  const { draft, settings, of } = parts;
  const { tell } = settings;
  const connections = connectionLimits(source.statements);
  const statements = source.statements.filter((line) => line.name !== 'acl' || !connections.has(line));
  const table = await readAcls({ ...source, statements }, settings);
  const lines = source.statements.filter(({ name, lost }) => name === 'http_access' || lost !== undefined);
  translateAccess(lines, { table, connections, draft, tell });
  for (const [line, tunnels] of connections)
    if (line.name === 'acl') tell(line, ...verdictOf(connectionLimitOf(tunnels), draft));
  translateDenyInfo(of('deny_info'), draft, tell);
  translateDelayPools({ table, draft, tell, of });
  return table;
}

/** Of an ACL that counts connections. */
function verdictOf(limit: string, { access }: Draft): [Verdict, string] {
  return access.some((rule) => rule.limit === limit)
    ? ['same', `Limit "${limit}": see the http_access that denies it`]
    : ['dropped', UNUSED];
}
