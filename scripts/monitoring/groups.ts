/** All rules in their groups, in the order in which Prometheus is to evaluate them. */
import { type Alert, type Group, isAlert } from './alert.ts';
import { CANARY } from './alerts/canary.ts';
import { ERRORS } from './alerts/errors.ts';
import { PEERS } from './alerts/peers.ts';
import { POLICY } from './alerts/policy.ts';
import { RECORDS } from './alerts/records.ts';
import { ROOM } from './alerts/room.ts';
import { SECURITY_ALERTS } from './alerts/security.ts';
import { SERVING } from './alerts/serving.ts';
import { RATIOS } from './ratios.ts';

/** Of both tiers. */
export const TIERS: readonly Group[] = [
  { name: 'weir-ratios', rules: RATIOS },
  { name: 'weir-serving', rules: SERVING },
  { name: 'weir-errors', rules: ERRORS },
  { name: 'weir-peers', rules: PEERS },
  { name: 'weir-room', rules: ROOM },
  { name: 'weir-security', rules: SECURITY_ALERTS },
  { name: 'weir-policy', rules: POLICY },
  { name: 'weir-records', rules: RECORDS },
];

/** Of a namespace whose pods leave through them. */
export const NAMESPACES: readonly Group[] = [{ name: 'bypass-canary', rules: CANARY }];

export const GROUPS: readonly Group[] = [...TIERS, ...NAMESPACES];

export const ALERTS: readonly Alert[] = GROUPS.flatMap(({ rules }) => rules.filter(isAlert));
