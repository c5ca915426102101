/** What becomes of open tunnels that a rule had allowed and the policy would not allow any more. */
export type OnRevoke = { readonly act: 'keep' | 'cut' } | { readonly act: 'drain'; readonly ms: number };

export const DEFAULT_ON_REVOKE: OnRevoke = Object.freeze({ act: 'drain', ms: 300_000 });
