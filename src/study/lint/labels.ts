/** Labels of pods: tier 2 knows only those that tier 1 tells it. */
import type { PolicyOptions } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import type { Remark } from './finding.ts';
import { FIRST_TWO } from './hop-way.ts';

/** Remarks about labels in the second configuration that the first does not tell; where it says of none, its ACLs' are meant. */
export function lintLabels(first: Config, second: Config, [one] = FIRST_TWO): Remark[] {
  const told = new Set(first.hop.assert?.labels ?? labelsIn(first.policy).map(({ label }) => label));
  return labelsIn(second.policy)
    .filter(({ label }) => !told.has(label))
    .map(({ acl, label }) => ({
      code: 'label-only-in-tier-2',
      path: ['acls', acl, 'podLabels', label],
      acl,
      message: `ACL "${acl}" asks for label "${label}", which tier ${one} does not tell, so that it is never known`,
      fix: `Add "${label}" to hop.assert.labels of tier ${one}, or judge without it`,
    }));
}

function labelsIn({ acls }: PolicyOptions): { acl: string; label: string }[] {
  return Object.entries(acls).flatMap(([acl, { podLabels = {} }]) =>
    Object.keys(podLabels).map((label) => ({ acl, label })),
  );
}
