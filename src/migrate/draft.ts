/**
 * The configuration that is being put together, as it will be written: values are texts in Weir's own spelling, and what has
 * no key yet is a comment beside its place.
 */
import type { Balance } from '#peer/options.ts';

/** Keys of one ACL with their values. */
export type AclDraft = Readonly<Record<string, unknown>>;

export interface RuleDraft {
  readonly name: string;
  readonly action: 'allow' | 'deny';
  /** `name` or `!name`. */
  readonly acls: readonly string[];
  /** Where it comes from. */
  readonly from: string;
  /** The ACL that stands last in its line of squid.conf. */
  readonly last?: string;
  readonly message?: string;
  /** Whether all that it does is to ask for credentials where nobody has authenticated. */
  readonly asks?: true;
  /** Name of a limit. */
  readonly limit?: string;
}

export interface LimitDraft {
  readonly per: 'source' | 'global';
  readonly tunnels?: number;
  readonly bandwidth?: string;
}

export interface RouteDraft {
  readonly name: string;
  readonly when: readonly string[];
  /** Empty: direct. */
  readonly peers: readonly string[];
  readonly balance?: Balance;
}

/** A value that is written as it is: lists, mappings, words and numbers. */
export type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

export const SECTIONS = [
  'name',
  'workers',
  'listeners',
  'admin',
  'acls',
  'access',
  'auth',
  'limits',
  'peers',
  'routes',
  'forward',
  'dns',
  'log',
  'timeouts',
] as const;
export type Section = (typeof SECTIONS)[number];

export class Draft {
  name = 'weir';
  workers = 1;
  readonly listeners: { readonly name: string; readonly address: string }[] = [];
  /** By their names; only those that something uses are written. */
  readonly acls = new Map<string, AclDraft>();
  readonly access: RuleDraft[] = [];
  /** By their names; only those that a rule uses are written. */
  readonly limits = new Map<string, LimitDraft>();
  readonly peers = new Map<string, Readonly<Record<string, Value>>>();
  readonly routes: RouteDraft[] = [];
  readonly forward: Record<string, Value> = {};
  readonly dns: Record<string, Value> = {};
  /** Fields that `request_header_access` has had a line about, lower case. */
  readonly judgedFields = new Set<string>();
  readonly log: Record<string, Value> = {};
  readonly timeouts: Record<string, Value> = {};
  readonly #comments = new Map<Section, string[]>();

  /** Puts a comment in front of a section. */
  comment(section: Section, text: string): void {
    const comments = this.#comments.get(section) ?? [];
    comments.push(text);
    this.#comments.set(section, comments);
  }

  commentsOf(section: Section): readonly string[] {
    return this.#comments.get(section) ?? [];
  }
}

/** Letters of a name as Weir has them; what else there is becomes a hyphen. */
export function nameOf(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, '-')
      .slice(0, 60) || 'unnamed'
  );
}

/** The name, or the first of name-2, name-3, ... that is not taken. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  let number = 2;
  while (isTaken(`${name}-${number}`)) number += 1;
  return `${name}-${number}`;
}

/** Names of the ACLs that rules and routes use. */
export function usedAcls({ access, routes }: Draft): ReadonlySet<string> {
  const references = [...access.flatMap(({ acls }) => acls), ...routes.flatMap(({ when }) => when)];
  return new Set(references.map((reference) => reference.replace('!', '')));
}

/** Whether anything asks who the user is. */
export function needsUsers(draft: Draft): boolean {
  const used = usedAcls(draft);
  return [...draft.acls].some(([name, acl]) => used.has(name) && 'users' in acl);
}
