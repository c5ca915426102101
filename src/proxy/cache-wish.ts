/** A request that the cache may answer, and what it took to know that. */
import type { VettedAddress } from '#acl/guard.ts';
import type { Directives } from '#cache/directives.ts';
import type { Plan } from '#cache/plan.ts';
import type { Passage } from './admit.ts';
import type { ClientExchange } from './client-exchange.ts';

export interface Wish {
  readonly exchange: ClientExchange;
  readonly passage: Passage;
  /** Where its target may be dialled, as it was when it came; undefined: its route is not direct. */
  readonly vetted: readonly VettedAddress[] | undefined;
  /** Of the request. */
  readonly directives: Directives;
  /** Whose entries it may have. */
  readonly partition: string;
}

/** The passage of who asks at once: its addresses are known, and a name that leads elsewhere a moment later changes nothing. */
export function passageAtOnce({ passage, vetted }: Wish): Passage {
  return vetted === undefined ? passage : { ...passage, vetted };
}

/** The next hop is to be asked. */
export type Asking = Extract<Plan, { act: 'ask' }>;
