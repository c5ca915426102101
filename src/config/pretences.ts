/**
 * A policy as strangers meet it who say of themselves what suits them: fields of a head, the server name of a ClientHello, and, where
 * a listener believes anybody, an address. What an ACL asks of that, a stranger may have or not have, as the rules want it.
 */
import { compilePolicy, type Policy, type PolicyOptions } from '#acl/policy.ts';
import type { AclOptions } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { STRANGE_NAME } from './strangers.ts';

type Key = keyof AclOptions;

const THE_NAME = [parseDomainPattern(STRANGE_NAME.text)];
/** Instead of every list of domains: they may be long, and a stranger is in none. */
const NO_DOMAIN = [parseDomainPattern('nobody.weir-open-proxy-check')];
const EVERY_PORT = [{ first: 1, last: 65_535, text: '1-65535' }];

export interface Pretence {
  readonly policy: Policy;
  /** What a stranger says for it, by the name of the ACL that asks for that. */
  readonly words: Words;
  /** Whether it takes a server name that is not that of the CONNECT, which `sni: verify` does not let pass. */
  readonly namesAnother: boolean;
}

/** The keys that an ACL asks for and a stranger has the right words for, by the name of the ACL. */
export type Words = ReadonlyMap<string, readonly Key[]>;

/** Each of them once; `claimed` are the keys that others than `headers` and `sni` leave to a stranger. */
export function pretencesTo(options: PolicyOptions, claimed: readonly Key[]): readonly Pretence[] {
  return wordsFor(options, ['headers', ...claimed]).map((words) => ({
    policy: compilePolicy({ acls: aclsFor(options.acls, words), access: options.access }, ''),
    words,
    namesAnother: [...words.values()].some((keys) => keys.includes('sni')),
  }));
}

function wordsFor({ acls, access }: PolicyOptions, keys: readonly Key[]): readonly Words[] {
  const found = new Map<string, Words>();
  for (const said of [keys, [...keys, 'sni'] as const]) {
    const asking = Object.entries(acls)
      .map(([name, acl]) => [name, said.filter((key) => acl[key] !== undefined)] as const)
      .filter(([, asked]) => asked.length > 0);
    for (const names of namesFor(access, new Set(asking.map(([name]) => name)))) {
      const words = asking.filter(([name]) => names.has(name));
      found.set(JSON.stringify(words), new Map(words));
    }
  }
  return [...found.values()];
}

/** Of `all` such ACLs: none, all, and for each rule those that help to be let pass, without those that it excludes. */
function namesFor(access: PolicyOptions['access'], all: ReadonlySet<string>): readonly ReadonlySet<string>[] {
  const helping = access.flatMap(({ allow = [], deny = [] }) => [...asserted(allow), ...negated(deny)]);
  const help = all.intersection(new Set(helping));
  return [new Set(), all, ...access.map(({ allow = [] }) => help.difference(new Set(negated(allow))))];
}

function asserted(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => !text.startsWith('!'));
}

function negated(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => text.startsWith('!')).map((text) => text.slice(1));
}

function aclsFor(acls: PolicyOptions['acls'], words: Words): PolicyOptions['acls'] {
  const changed = Object.entries(acls).map(([name, acl]) => [name, aclFor(acl, words.get(name) ?? [])]);
  return Object.fromEntries(changed);
}

/** What is said as it should be asks for no more: of an ACL of nothing else everybody has what it wants. */
function aclFor(acl: AclOptions, said: readonly Key[]): AclOptions {
  const left = Object.entries(acl).filter(([key]) => !said.some((one) => one === key));
  return {
    ...Object.fromEntries(left),
    ...(said.length > 0 && { ports: acl.ports ?? EVERY_PORT }),
    ...(acl.dstDomains !== undefined && { dstDomains: NO_DOMAIN }),
    ...(acl.sni !== undefined && { sni: said.includes('sni') ? THE_NAME : NO_DOMAIN }),
  };
}
