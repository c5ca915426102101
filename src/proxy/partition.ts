/**
 * Who may share what is kept: requests that the same rule let out over the same route. Where the next hop is told who asks, and
 * decides by that, only those of whom it is told the same; pods of one kind, not each by itself.
 */
import type { Labels } from '#match/subject.ts';
import type { Passage } from './admit.ts';
import type { Transaction } from './transaction.ts';

export function partitionOf(tx: Transaction, { permit, route }: Passage): string {
  const own = ownPart(permit.rule.name, route.name);
  const { assert } = tx.generation.config.hop;
  return assert === undefined || route.direct ? own : `${own} ${asserted(tx, assert.labels)}`;
}

/** The last one: what is compared with itself is compared at once. */
let last = { rule: '', route: '', text: ' ' };

function ownPart(rule: string, route: string): string {
  if (rule !== last.rule || route !== last.route) last = { rule, route, text: `${rule} ${route}` };
  return last.text;
}

/** What policies of other hops can ask of an identity that is asserted. */
function asserted({ identity }: Transaction, names: readonly string[]): string {
  if (identity === undefined) return '';
  const labels: Labels | undefined = identity.podLabels;
  const values = names.map((name) => labels?.get(name) ?? null);
  return JSON.stringify([identity.namespace ?? null, identity.serviceAccount ?? null, ...values]);
}
