/** Series of two tiers, as scenes of alerts name them, and what they have in common. */
import type { Labels } from './alert.ts';

/** A series with its labels. */
export function series(metric: string, labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(',')}}`;
}

/** One of an instance of the first tier. */
export function ofTier1(metric: string, labels: Labels = {}, instance = 'pod-a'): string {
  return series(metric, { job: 'weir', tier: 'tier-1', instance, ...labels });
}

/** One of an instance of the second tier. */
export function ofTier2(metric: string, labels: Labels = {}, instance = 'vm-a'): string {
  return series(metric, { job: 'weir', tier: 'tier-2', instance, ...labels });
}

export const TIER_1: Labels = { tier: 'tier-1' };
export const TIER_2: Labels = { tier: 'tier-2' };

/** Transactions that ended. */
export function requests(outcome: string, reason = 'none'): string {
  return ofTier1('weir_requests_total', { listener: 'main', method: 'CONNECT', outcome, reason });
}
