/**
 * The questions that come before any connect, in this order: is it a loop, may it pass, which way out, and where may it
 * be dialled. Nothing below can dial an origin without the permit and the vetted addresses made here.
 */
import { type VettedAddress, vet, vetName } from '#acl/guard.ts';
import { authorise, authoriseAddresses, type Denial, type Permit } from '#acl/permit.ts';
import { ProxyError } from '#errors.ts';
import { passedBefore } from '#net/headers.ts';
import type { IpAddress } from '#net/ip.ts';
import { chooseRoute, type Route } from '#peer/route.ts';
import type { Transaction } from './transaction.ts';

/** Leave to go out, and the way. */
export interface Passage {
  readonly permit: Permit;
  readonly route: Route;
}

/** @throws {ProxyError} `draining`, `loop_detected`, `rule_denied`, `no_rule_matched`, `dns_*`, `no_route` */
export async function admit(tx: Transaction, via: string | undefined): Promise<Passage> {
  if (tx.context.drain.isDraining) throw new ProxyError('draining');
  if (passedBefore(via, tx.context.pseudonym)) throw new ProxyError('loop_detected');
  const permit = await decide(tx);
  tx.rule = permit.rule.name;
  const route = chooseRoute(tx.generation.routes, tx);
  if (route === undefined) throw new ProxyError('no_route');
  tx.route = route.name;
  return { permit, route };
}

/** The policy's word; the name is resolved only when some rule could still allow. */
async function decide(tx: Transaction): Promise<Permit> {
  const first = authorise(tx.generation.policy, tx);
  const word =
    first === 'needs-address' ? authoriseAddresses(tx.generation.policy, tx, await resolve(tx)) : first;
  if (!word.granted) throw denied(word);
  return word;
}

/**
 * Where the permitted name may be dialled: every address it leads to, but for those that the guard refuses.
 * @throws {ProxyError} `name_prohibited`, `address_prohibited`, `dns_*`
 */
export async function vetDestination(tx: Transaction, permit: Permit): Promise<readonly VettedAddress[]> {
  const { guard } = tx.generation;
  const rule = permit.rule.name;
  if (!vetName(guard, tx.host, permit)) {
    throw new ProxyError('name_prohibited', { detail: `The guard refuses the name "${tx.host.text}"`, rule });
  }
  const addresses = permit.addresses ?? (await resolve(tx));
  const { vetted, refused } = vet(guard, { permit, addresses, port: tx.port });
  if (refused.length > 0) {
    const list = refused.map(({ address, why }) => `${address.text} (${why})`).join(', ');
    tx.detail = `The guard refuses ${list}`;
  }
  if (vetted.length === 0)
    throw new ProxyError('address_prohibited', { detail: tx.detail ?? 'No address', rule });
  return vetted;
}

async function resolve(tx: Transaction): Promise<readonly IpAddress[]> {
  if (tx.host.address !== undefined) return [tx.host.address];
  const before = performance.now();
  try {
    return await tx.abort.race(tx.generation.resolver.resolve(tx.host));
  } finally {
    tx.dnsMs = (tx.dnsMs ?? 0) + performance.now() - before;
  }
}

function denied(denial: Denial): ProxyError {
  if (denial.rule === undefined)
    return new ProxyError('no_rule_matched', { detail: 'No access rule matched' });
  return new ProxyError('rule_denied', {
    rule: denial.rule.name,
    detail: `Denied by rule "${denial.rule.name}"`,
  });
}
