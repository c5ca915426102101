/**
 * Names across sections: every reference leads somewhere, no name is given twice, `all` stays the built-in ACL, and
 * `default` what metrics call the denial by no rule.
 */
import { nearest } from './nearest.ts';
import type { Outline, Reference } from './outline.ts';
import { type Flaw, formatPath } from './problems.ts';

/** So many names are offered where none is close. */
const MOST_NAMES = 10;

/** Flaws of names and of references to them. */
export function checkNames(outline: Outline): Flaw[] {
  const aclReferences = [
    ...outline.rules.flatMap((rule) => rule.acls),
    ...outline.routes.flatMap((route) => route.when),
    ...outline.trust,
  ];
  const listenerReferences = (outline.acls ?? []).flatMap((acl) => acl.listeners);
  return [
    ...unknownNames('ACL', aclReferences, outline.acls && [{ name: 'all', path: [] }, ...outline.acls]),
    ...unknownNames(
      'Limit',
      outline.rules.flatMap(({ limit }) => limit ?? []),
      outline.limits,
    ),
    ...unknownNames(
      'Peer',
      outline.routes.flatMap((route) => route.peers),
      outline.peers,
    ),
    ...unknownNames('Listener', listenerReferences, outline.listenerNames),
    ...duplicateNames(outline.listenerNames),
    ...duplicateNames(outline.ruleNames),
    ...duplicateNames(outline.routeNames),
    ...(outline.acls ?? []).filter(({ name }) => name === 'all').map(reservedAcl),
    ...outline.ruleNames.filter(({ name }) => name === 'default').map(reservedRule),
  ];
}

/** `known` is undefined where the section itself cannot be read. */
function unknownNames(
  kind: 'ACL' | 'Limit' | 'Peer' | 'Listener',
  references: readonly Reference[],
  known: readonly Reference[] | undefined,
): Flaw[] {
  if (known === undefined) return [];
  const names = new Set(known.map(({ name }) => name));
  return references
    .filter(({ name }) => !names.has(name))
    .map(({ name, path }) => {
      return { path, at: 'value', message: `${kind} "${name}" is not defined`, fix: cure(kind, name, names) };
    });
}

function cure(kind: string, name: string, names: ReadonlySet<string>): string {
  const guess = nearest(name, names);
  if (guess !== undefined) return `Write "${guess}", or define it`;
  if (names.size === 0) return `Define one under ${kind.toLowerCase()}s`;
  return `Define it, or use one of: ${[...names].slice(0, MOST_NAMES).join(', ')}`;
}

function duplicateNames(references: readonly Reference[]): Flaw[] {
  const first = new Map<string, Reference>();
  return references.flatMap((reference): Flaw[] => {
    const earlier = first.get(reference.name);
    first.set(reference.name, earlier ?? reference);
    if (earlier === undefined) return [];
    const message = `Name is already used at ${formatPath(earlier.path)}`;
    return [{ path: reference.path, at: 'value', message, fix: 'Give each a name of its own' }];
  });
}

function reservedAcl({ path }: Reference): Flaw {
  return { path, at: 'key', message: 'ACL "all" is built in', fix: 'Choose another name' };
}

function reservedRule({ path }: Reference): Flaw {
  const message = 'In metrics "default" stands for the denial where no rule matched';
  return { path, at: 'value', message, fix: 'Choose another name' };
}
