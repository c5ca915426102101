/**
 * What a decision that waits for the address may come to. Rules see an address only by the networks of `dst`, so one
 * address out of each part into which those divide all addresses stands for the whole part, and the decision about it is
 * `decide`'s own. Whether the name leads there nobody asks.
 */
import { decide } from '#acl/decide.ts';
import type { Policy, PolicyOptions } from '#acl/policy.ts';
import type { Rule } from '#acl/rule.ts';
import type { Subject } from '#match/subject.ts';
import { type IpAddress, type Network, parseIp } from '#net/ip.ts';

export interface Outcome {
  readonly verdict: 'allow' | 'deny';
  /** Undefined where no rule decides. */
  readonly rule: Rule | undefined;
  /** An address that leads to it. */
  readonly address: IpAddress;
}

interface Parts {
  readonly policy: Policy;
  readonly acls: PolicyOptions['acls'];
  readonly subject: Subject;
}

/** Everything that it may come to, each once. */
export function outcomesOf({ policy, acls, subject }: Parts): readonly Outcome[] {
  const networks = Object.values(acls).flatMap(({ dst }) => dst ?? []);
  const outcomes = new Map<Rule | undefined, Outcome>();
  for (const address of representatives(networks)) {
    const decision = decide(policy, { ...subject, destination: address });
    if (decision.verdict === 'needs-address' || outcomes.has(decision.rule)) continue;
    outcomes.set(decision.rule, { ...decision, address });
  }
  return [...outcomes.values()];
}

/** Membership changes only where a network begins, and behind its end: the addresses there, and the first of all. */
export function representatives(networks: readonly Network[]): readonly IpAddress[] {
  const texts = networks.flatMap((network) => [network.address.text, addressBehind(network)]);
  return [...new Set([...texts, '0.0.0.0', '::'])].flatMap((text) => (text && parseIp(text)) || []);
}

/** The first address after the network; undefined behind the last of all addresses. */
export function addressBehind({
  address,
  prefixLength,
}: Pick<Network, 'address' | 'prefixLength'>): string | undefined {
  const width = address.family === 4 ? 32 : 128;
  const words = address.family === 4 ? [address.w0] : [address.w0, address.w1, address.w2, address.w3];
  const first = words.reduce((sum, word) => (sum << 32n) | BigInt(word >>> 0), 0n);
  const next = first + (1n << BigInt(width - prefixLength));
  if (next >> BigInt(width) !== 0n) return undefined;
  const size = width === 32 ? 8 : 16;
  const groups = Array.from({ length: width / size }, (_, i) =>
    Number(BigInt.asUintN(size, next >> BigInt(width - size * (i + 1)))),
  );
  return width === 32 ? groups.join('.') : groups.map((group) => group.toString(16)).join(':');
}
