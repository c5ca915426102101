/** A request that the cache may answer, and what it took to know that. */
import type { Directives } from '#cache/directives.ts';
import type { Plan } from '#cache/plan.ts';
import type { Passage } from './admit.ts';
import type { ClientExchange } from './client-exchange.ts';

export interface Wish {
  readonly exchange: ClientExchange;
  readonly passage: Passage;
  /** Of the request. */
  readonly directives: Directives;
  /** Whose entries it may have. */
  readonly partition: string;
}

/** The next hop is to be asked. */
export type Asking = Extract<Plan, { act: 'ask' }>;
