/** All access rules of one configuration, compiled: immutable, so that a reload swaps it whole. */
import { type Acl, type AclOptions, compileAcls } from '#match/acl.ts';
import { type Decision, decisionBy } from './decision.ts';
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
  return Object.freeze({
    rules,
    enforced: rules.filter(({ mode }) => mode === 'enforce'),
    reporting: rules.filter(({ mode }) => mode === 'report'),
    decisions: rules.map(decisionBy),
    acls,
    uses: new Set([...acls.values()].flatMap(({ matchers }) => matchers.map(({ key }) => key))),
    hash,
  });
}
