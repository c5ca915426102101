/**
 * What the ClientHello of a tunnel says to the policy: rules that ask for its server name, and the option `sni` of the rule that
 * allows. What there is to do about it, and when, is for hello-hold.ts and hello-watch.ts to say.
 */
import { authorise, authoriseAddresses, type Denial, type Permit } from '#acl/permit.ts';
import { reportsOf } from '#acl/report.ts';
import type { Rule } from '#acl/rule.ts';
import { isForHost } from '#acl/server-name.ts';
import { ProxyError } from '#errors.ts';
import type { ClientHello, HelloResult } from '#net/client-hello.ts';
import { type IpAddress, parseIp } from '#net/ip.ts';
import { denied, vetAddresses, vetHost } from './admit.ts';
import { claimLimit } from './claim-limit.ts';
import type { Transaction } from './transaction.ts';

/** How a client began: by the bytes it sent, or by none that told anything. */
export type Beginning =
  | Exclude<HelloResult, { kind: 'more' }>
  /** It sent nothing whole in time. */
  | { readonly kind: 'silent' }
  /** It ended its side before. */
  | { readonly kind: 'ended' }
  /** The upstream spoke before it, as it does in no TLS. */
  | { readonly kind: 'server-first' };

/** The port on which `verify` takes nothing but TLS, whoever speaks first. */
const TLS_PORT = 443;

/** Whether a protocol in which the server speaks first may pass on the port unseen. */
export function mayServerSpeakFirst(port: number): boolean {
  return port !== TLS_PORT;
}

/** Takes what is known of the hello into the transaction. What is not known now never will be. */
function note(tx: Transaction, beginning: Beginning): void {
  const hello = beginning.kind === 'hello' ? beginning.hello : undefined;
  tx.sni = hello?.serverName;
  tx.alpn = hello === undefined || hello.alpn.length === 0 ? undefined : hello.alpn;
}

/** The hello of a tunnel that goes on whatever it says. */
export function noteHello(tx: Transaction, beginning: Beginning): void {
  const { rules } = tx.generation.policy;
  note(tx, beginning);
  addReports(
    tx,
    rules.find(({ name }) => name === tx.rule),
  );
}

/** Rules in report mode that could not be judged before; those noted before stay. */
function addReports(tx: Transaction, rule: Rule | undefined): void {
  const { policy } = tx.generation;
  if (policy.reporting.length === 0) return;
  const heard = reportsOf(policy, tx, { rule, addresses: dialled(tx) });
  const names = new Set([...(tx.reports ?? []), ...heard].map((report) => report.rule));
  if (names.size === 0) return;
  tx.reports = policy.reporting
    .filter(({ name }) => names.has(name))
    .map(({ name, action }) => ({ rule: name, verdict: action }));
}

/** The address of the origin, where this hop has dialled it. */
function dialled({ peer, upstreamIp }: Transaction): readonly IpAddress[] | undefined {
  const ip = peer === undefined ? parseIp(upstreamIp ?? '') : undefined;
  return ip && [ip];
}

/**
 * By what `permit` the tunnel may go on now that its hello is known, or never will be: the same, or for half a one a whole one. At
 * once where no other limit has to be asked.
 * @throws {ProxyError} `rule_denied`, `no_rule_matched`, `credentials_wanted`, `name_prohibited`, `address_prohibited`; as {@link claimLimit}
 */
export function permitAfter(tx: Transaction, permit: Permit, beginning: Beginning): Permit | Promise<Permit> {
  note(tx, beginning);
  const word = permit.needsHello ? wordOn(tx, permit) : permit;
  addReports(tx, word.rule);
  if (!word.granted) throw denied(tx, word);
  if (word === permit) return permit;
  tx.rule = word.rule.name;
  vetAgain(tx, word);
  const claiming = changeLimit(tx, permit.rule, word.rule);
  return claiming === undefined ? word : claiming.then(() => word);
}

/** A tunnel has its address: of those that the half permit knew, the one that was dialled, or for a peer all. */
function wordOn(tx: Transaction, half: Permit): Permit | Denial {
  const { policy } = tx.generation;
  const word = authorise(policy, tx);
  return word === 'needs-address'
    ? authoriseAddresses(policy, tx, dialled(tx) ?? half.addresses ?? [])
    : word;
}

/** The guard has let it pass by the options of a rule that may be another one. */
function vetAgain(tx: Transaction, permit: Permit): void {
  const addresses = dialled(tx);
  if (addresses === undefined) return;
  vetHost(tx, permit);
  vetAddresses(tx, permit, addresses);
}

/** Another rule than the one it went by until now may count under another limit. */
function changeLimit(tx: Transaction, before: Rule, now: Rule): Promise<void> | undefined {
  const isSame = before.limit === now.limit && (before === now || limitPer(tx, now) !== 'rule');
  if (isSame) return undefined;
  tx.claim?.release(0);
  tx.claim = undefined;
  return now.limit === undefined ? undefined : claimLimit(tx, now);
}

function limitPer({ generation }: Transaction, { limit }: Rule): string | undefined {
  return limit === undefined ? undefined : generation.limits.get(limit)?.options.per;
}

/**
 * Why `sni: verify` does not let the tunnel go on; undefined where it does.
 * On other ports than that of HTTPS a server that speaks first shows that there is no ClientHello to wait for: no TLS server does.
 */
export function objectionOfVerify(tx: Transaction, beginning: Beginning): ProxyError | undefined {
  const { rule } = tx;
  switch (beginning.kind) {
    case 'hello': {
      const detail = mismatch(tx, beginning.hello);
      return detail === undefined ? undefined : new ProxyError('sni_mismatch', { rule, detail });
    }
    case 'server-first':
      return undefined;
    case 'malformed':
      return new ProxyError('hello_missing', { rule, detail: `Malformed ClientHello: ${beginning.why}` });
    default:
      return new ProxyError('hello_missing', { rule, detail: MISSING[beginning.kind] });
  }
}

const MISSING = {
  'not-tls': 'The client began with something else than TLS',
  silent: 'The client sent no whole ClientHello in time',
  ended: 'The client ended its side before its ClientHello was whole',
} as const;

/**
 * The name must be the host of the CONNECT; for an address there may be none. GREASE cannot be told from real ECH, so that the outer
 * name counts either way.
 */
function mismatch({ host }: Transaction, { serverName, hasEch }: ClientHello): string | undefined {
  if (isForHost(serverName, host)) return undefined;
  if (serverName === undefined) return `The ClientHello names no server, and the CONNECT "${host.text}"`;
  const outer = hasEch ? ', with ECH,' : '';
  return `The ClientHello names "${serverName.text}"${outer} and the CONNECT "${host.text}"`;
}
