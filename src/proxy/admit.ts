/**
 * The questions that come before any connect, in this order: is it a loop, may it pass, which way out, and where may it
 * be dialled. Nothing below can dial an origin without the permit and the vetted addresses made here.
 */
import { performance } from 'node:perf_hooks';
import { type VettedAddress, vet, vetName } from '#acl/guard.ts';
import { authorise, authoriseAddresses, type Denial, type Permit } from '#acl/permit.ts';
import { type Decided, reportsOf } from '#acl/report.ts';
import { ProxyError } from '#errors.ts';
import { passedBefore } from '#net/headers.ts';
import type { IpAddress } from '#net/ip.ts';
import { chooseRoute, type Route } from '#peer/route.ts';
import { claimLimit } from './claim-limit.ts';
import { noteJudged, noteRefused } from './note-answers.ts';
import type { Transaction } from './transaction.ts';

/** Leave to go out, and the way. */
export interface Passage {
  readonly permit: Permit;
  readonly route: Route;
  /** What {@link vetDestination} said, where it had to be known before. */
  readonly vetted?: readonly VettedAddress[] | undefined;
}

/**
 * At once where it takes no look-up, and no count that is kept elsewhere.
 * @throws {ProxyError} `draining`, `loop_detected`, `rule_denied`, `no_rule_matched`, `credentials_wanted`, `dns_*`, `no_route`; as {@link claimLimit}
 */
export function admit(tx: Transaction, via: string | undefined): Passage | Promise<Passage> {
  if (tx.context.drain.isDraining) throw new ProxyError('draining');
  if (passedBefore(via, tx.context.pseudonym)) throw new ProxyError('loop_detected');
  const word = authorise(tx.generation.policy, tx);
  if (word === 'needs-address') return admitByAddress(tx);
  noteReports(tx, { rule: word.rule, addresses: undefined });
  return passageOf(tx, word);
}

/** The name is resolved only when some rule could still allow. */
async function admitByAddress(tx: Transaction): Promise<Passage> {
  const addresses = await resolve(tx);
  tx.addresses = addresses;
  const word = authoriseAddresses(tx.generation.policy, tx, addresses);
  noteJudged(tx, addresses, word);
  noteReports(tx, { rule: word.rule, addresses });
  return passageOf(tx, word);
}

/** What rules in report mode would have decided. */
function noteReports(tx: Transaction, decided: Decided): void {
  const { policy } = tx.generation;
  if (policy.reporting.length === 0) return;
  const reports = reportsOf(policy, tx, decided);
  if (reports.length > 0) tx.reports = reports;
}

function passageOf(tx: Transaction, word: Permit | Denial): Passage | Promise<Passage> {
  if (!word.granted) throw denied(tx, word);
  tx.rule = word.rule.name;
  const claiming = word.rule.limit === undefined ? undefined : claimLimit(tx, word.rule);
  return claiming === undefined ? routeOf(tx, word) : claiming.then(() => routeOf(tx, word));
}

function routeOf(tx: Transaction, permit: Permit): Passage {
  const route = chooseRoute(tx.generation.routes, tx);
  if (route === undefined) throw new ProxyError('no_route');
  tx.route = route.name;
  return { permit, route };
}

/**
 * Where the permitted name may be dialled: every address it leads to, but for those that the guard refuses. At once where
 * the addresses are known.
 * @throws {ProxyError} `name_prohibited`, `address_prohibited`, `dns_*`
 */
export function vetDestination(
  tx: Transaction,
  permit: Permit,
): readonly VettedAddress[] | Promise<readonly VettedAddress[]> {
  vetHost(tx, permit);
  const addresses = permit.addresses ?? resolve(tx);
  if (addresses instanceof Promise) return addresses.then((found) => vetAddresses(tx, permit, found));
  return vetAddresses(tx, permit, addresses);
}

/** @throws {ProxyError} `name_prohibited` */
export function vetHost({ generation, host }: Transaction, permit: Permit): void {
  if (vetName(generation.guard, host, permit)) return;
  const detail = `The guard refuses the name "${host.text}"`;
  throw new ProxyError('name_prohibited', { detail, rule: permit.rule.name });
}

/** @throws {ProxyError} `address_prohibited` where none may be dialled */
export function vetAddresses(
  tx: Transaction,
  permit: Permit,
  addresses: readonly IpAddress[],
): readonly VettedAddress[] {
  // Rules that report by address, where none that decides had asked for it.
  if (permit.addresses === undefined) noteReports(tx, { rule: permit.rule, addresses });
  const { vetted, refused } = vet(tx.generation.guard, { permit, addresses, port: tx.port });
  if (refused.length > 0) noteRefused(tx, addresses, refused);
  if (vetted.length === 0)
    throw new ProxyError('address_prohibited', {
      detail: tx.detail ?? 'No address',
      rule: permit.rule.name,
    });
  return vetted;
}

/** At once where the answer is known. */
function resolve(tx: Transaction): readonly IpAddress[] | Promise<readonly IpAddress[]> {
  const known = tx.generation.resolver.known(tx.host);
  if (known === undefined) return lookUp(tx);
  if (tx.host.address === undefined) tx.dnsMs ??= 0;
  return known;
}

async function lookUp(tx: Transaction): Promise<readonly IpAddress[]> {
  const before = performance.now();
  try {
    return await tx.abort.race(tx.generation.resolver.resolve(tx.host));
  } finally {
    tx.dnsMs = (tx.dnsMs ?? 0) + performance.now() - before;
  }
}

/** What a transaction is told that the policy refuses. */
export function denied(tx: Transaction, denial: Denial): ProxyError {
  if (denial.wantsCredentials && tx.generation.authenticator !== undefined) {
    const why = tx.credentials === 'wrong' ? 'The credentials are wrong' : 'Nobody has authenticated';
    const detail = `${why}, and a rule asks who it is`;
    return new ProxyError('credentials_wanted', {
      rule: denial.rule?.name,
      advice: denial.rule?.message,
      detail,
    });
  }
  if (denial.rule === undefined)
    return new ProxyError('no_rule_matched', { detail: 'No access rule matched' });
  return new ProxyError('rule_denied', {
    rule: denial.rule.name,
    advice: denial.rule.message,
    detail: `Denied by rule "${denial.rule.name}"`,
  });
}
