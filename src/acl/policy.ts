/** All access rules of one configuration, compiled: immutable, so that a reload swaps it whole. */
import { type Acl, type AclOptions, compileAcls } from '#match/acl.ts';
import { type Decision, decisionBy, type HalfDecision, halfDecisionBy } from './decision.ts';
import { compileRule, type Rule, type RuleOptions } from './rule.ts';

/** ACLs and access rules as the configuration gives them. */
export interface PolicyOptions {
  readonly acls: Readonly<Record<string, AclOptions>>;
  readonly access: readonly RuleOptions[];
}

export interface Policy {
  /** All of them, in their order. */
  readonly rules: readonly Rule[];
  /** Those that decide, and those that only report. */
  readonly enforced: readonly Rule[];
  readonly reporting: readonly Rule[];
  /** By rule, what it decides where it holds. */
  readonly decisions: readonly Decision[];
  /** By rule, what can be said where it could allow once the ClientHello is heard. */
  readonly halfDecisions: readonly HalfDecision[];
  /** Whether a rule in force asks for the resolved address. */
  readonly judgesAddress: boolean;
  readonly acls: ReadonlyMap<string, Acl>;
  /** Keys that some ACL has, such as `headers`: what no ACL asks for need not be kept. */
  readonly uses: ReadonlySet<string>;
  /** Identifies the policy in records. */
  readonly hash: string;
}

/**
 * @param hash SHA-256 over the effective policy with the contents of its files
 * @throws {Error} where an ACL or a rule cannot be compiled
 */
export function compilePolicy(options: PolicyOptions, hash: string): Policy {
  const acls = compileAcls(options.acls);
  const rules = options.access.map((rule, index) => compileRule(rule, index, acls));
  const enforced = rules.filter(({ mode }) => mode === 'enforce');
  return Object.freeze({
    rules,
    enforced,
    reporting: rules.filter(({ mode }) => mode === 'report'),
    decisions: rules.map(decisionBy),
    halfDecisions: rules.map(halfDecisionBy),
    judgesAddress: enforced.some(({ condition }) => condition.usesDestination),
    acls,
    uses: new Set([...acls.values()].flatMap(({ matchers }) => matchers.map(({ key }) => key))),
    hash,
  });
}
