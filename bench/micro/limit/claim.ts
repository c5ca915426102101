/**
 * `node bench/micro/limit/claim.ts [--clients=N] [--json] [--once]`: what a limit costs one transaction, from its claim to its release.
 * First proves that the limit holds.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { Claim } from '#limit/claim.ts';
import { keyOf, type Limit, openLimits } from '#limit/limit.ts';
import { MemoryStore } from '#limit/memory-store.ts';
import type { LimitOptions } from '#limit/options.ts';
import { type IpAddress, parseIp } from '#net/ip.ts';
import { Wheel } from '#net/wheel.ts';
import { measure } from '../measure.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10000' },
    json: { type: 'boolean' },
    once: { type: 'boolean' },
  },
});
const CLIENTS = Number(values.clients);
const PLENTY = 1e9;

const WAITER = { onPaid: () => {} };
const wheel = new Wheel();
const addresses = Array.from({ length: CLIENTS }, (_, index) =>
  parseIp(`10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`),
);

function limitOf(parts: Partial<LimitOptions>): Limit {
  const none = { requests: undefined, tunnels: undefined, bandwidth: undefined, bytesPerDay: undefined };
  const options: LimitOptions = { name: 'x', per: 'source', ...none, ...parts };
  return openLimits({ x: options }, new Map(), new MemoryStore()).get('x') as Limit;
}

function claimOf(limit: Limit, index: number): Claim {
  const clientAddress = addresses[index % CLIENTS] as IpAddress;
  const key = keyOf(limit.options, { clientAddress, listener: 'main' }, 'login');
  return new Claim({ limit, key, rule: 'login', wheel, onExceeded: () => {} });
}

const two = limitOf({ tunnels: 2 });
assert.equal(claimOf(two, 0).enter(true), undefined);
assert.equal(claimOf(two, 0).enter(true), undefined);
assert.throws(() => claimOf(two, 0).enter(true), { reason: 'tunnels_exceeded' });

const requests = limitOf({ requests: { perSecond: PLENTY, burst: PLENTY } });
const all = limitOf({
  requests: { perSecond: PLENTY, burst: PLENTY },
  tunnels: PLENTY,
  bandwidth: PLENTY * 1000,
  bytesPerDay: PLENTY * 1e6,
});

function pass(limit: Limit, index: number, bytes: number): boolean {
  const claim = claimOf(limit, index);
  const entering = claim.enter(true);
  if (bytes > 0) claim.count(bytes, WAITER);
  claim.release(bytes);
  return entering === undefined;
}

measure(`a limit over ${CLIENTS} clients`, [
  { name: 'requests only', call: (index) => pass(requests, index, 0) },
  { name: 'all four, and 64 bytes', call: (index) => pass(all, index, 64) },
]);
