/**
 * Who may go where, and by which way, in the order in which one refers to another: listeners; ACLs; rules; peers and ways out.
 * In the end every ACL is told of.
 */
import { type Draft, usedAcls } from './draft.ts';
import { translateListeners, translateTlsPort } from './listeners.ts';
import { translatePeers } from './peers.ts';
import type { SquidSource } from './read.ts';
import type { Report } from './report.ts';
import { translateRoutes } from './routes.ts';
import { translateRules } from './rules.ts';
import type { Statement } from './statement.ts';

/** Where the translation goes. */
export interface PolicyParts {
  readonly draft: Draft;
  readonly report: Report;
  readonly timeZone: string;
}

/** Translates the policy of a squid.conf into the draft. */
export async function translatePolicy(source: SquidSource, parts: PolicyParts): Promise<void> {
  const { draft, report, timeZone } = parts;
  const { tell } = report;
  const of = (name: string): Statement[] => source.statements.filter((statement) => statement.name === name);
  const listenersOf = translateListeners(of('http_port'), draft, tell);
  for (const line of of('https_port')) translateTlsPort(line, draft, tell);
  const settings = { context: { timeZone, listenersOf }, drafts: draft.acls, tell };
  const table = await translateRules(source, { draft, settings, of });
  const peers = translatePeers(of('cache_peer'), draft, tell);
  translateRoutes({ table, draft, tell, peers, of });
  table.tellAll(usedAcls(draft), report);
}
