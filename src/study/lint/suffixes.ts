/** Entries of `dstDomains` that reach whatever anybody calls his, in ACLs by which rules allow. */
import type { PolicyOptions } from '#acl/policy.ts';
import { isPublicSuffix } from '../public-suffix.ts';
import { firstOfEach, type Remark } from './finding.ts';

/** A list may have all of them. */
const MOST_REMARKS = 20;

/** Remarks by ACL, about those that a rule lets pass what they reach. To refuse or to route by a public suffix is nothing odd. */
export function lintSuffixes({ acls, access }: PolicyOptions): Remark[] {
  return Object.entries(acls).flatMap(([acl, { dstDomains = [] }]) => {
    const rule = access.find(
      ({ allow = [], deny = [] }) => allow.includes(acl) || deny.includes(`!${acl}`),
    )?.name;
    if (rule === undefined) return [];
    const remarks = dstDomains.flatMap(({ reach, name, text }, index): Remark[] =>
      reach === 'itself' || !isPublicSuffix(name)
        ? []
        : [
            {
              code: 'public-suffix',
              path: ['acls', acl, 'dstDomains', index],
              acl,
              message: `"${text}" of ACL "${acl}" reaches whatever name anybody registers under it, and rule "${rule}" lets pass by it`,
              fix: `Name the domains that are meant, such as ".example.${name}"`,
            },
          ],
    );
    return firstOfEach(remarks, MOST_REMARKS);
  });
}
