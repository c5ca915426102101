/** What this cache did with a request, as a member of Cache-Status (RFC 9211) tells it. */
import type { Forwarding } from './plan.ts';

/** Why the next hop was asked. */
export type Forwarded = Forwarding | 'method' | 'bypass';

export interface CacheStatus {
  readonly hop: string;
  /** Undefined: the next hop was not asked. */
  readonly forwarded?: Forwarded | undefined;
  /** What the client gets where the next hop was not asked: what is kept, or that there is nothing. @default 'kept' */
  readonly gives?: 'kept' | 'error';
  /** What the next hop answered, where the client got something else. */
  readonly forwardStatus?: number | undefined;
  /** Seconds that it is still fresh, below 0: is no more. */
  readonly ttl?: number | undefined;
  readonly isStored?: boolean;
  /** It was asked for by another request already. */
  readonly isCollapsed?: boolean;
  readonly detail?: string | undefined;
}

/** One member, such as `t2;fwd=stale;fwd-status=304;ttl=60`. Names of hops are tokens of structured fields, or quoted. */
export function renderCacheStatus(status: CacheStatus): string {
  const { hop, forwarded, gives = 'kept', forwardStatus, ttl, isStored, isCollapsed, detail } = status;
  let member = /^[A-Za-z*]/.test(hop) ? hop : `"${hop}"`;
  if (forwarded !== undefined) member += `;fwd=${forwarded}`;
  else if (gives === 'kept') member += ';hit';
  if (forwardStatus !== undefined) member += `;fwd-status=${forwardStatus}`;
  if (ttl !== undefined) member += `;ttl=${ttl}`;
  if (isStored === true) member += ';stored';
  if (isCollapsed === true) member += ';collapsed';
  return detail === undefined ? member : `${member};detail=${detail}`;
}
