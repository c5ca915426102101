/**
 * Rules and routes as a whole: each does exactly one thing, and nothing asks for an address at a hop that does not
 * resolve names.
 */
import type { Outline, Reference, RouteOutline, RuleOutline } from './outline.ts';
import type { Flaw } from './problems.ts';

/** Flaws of ACLs, rules and routes that no single key shows. */
export function checkPolicy(outline: Outline): Flaw[] {
  return [
    ...(outline.acls ?? []).filter(({ matchers }) => matchers.size === 0).map(emptyAcl),
    ...outline.rules.flatMap(checkRule),
    ...outline.routes.flatMap(checkRoute),
    ...checkDestinations(outline),
    ...checkServerNames(outline),
    ...checkUsers(outline),
  ];
}

function emptyAcl({ path }: Reference): Flaw {
  return { path, at: 'key', message: 'ACL has no matcher', fix: 'Add one, or use the built-in ACL "all"' };
}

/** Of a rule, what says more about what it allows, and about what it denies. */
const WITH_ALLOW = ['upgrade', 'allowPrivate', 'onRevoke', 'limit', 'cache', 'sni'];
const WITH_DENY = ['message', 'narrows'];

function checkRule({ path, keys }: RuleOutline): Flaw[] {
  if (keys.has('allow') === keys.has('deny')) {
    const message = keys.has('allow') ? 'Rule both allows and denies' : 'Rule neither allows nor denies';
    return [{ path, at: 'value', message, fix: 'Write exactly one of allow and deny' }];
  }
  const [idle, kind, verb] = keys.has('deny')
    ? ([WITH_ALLOW, 'a deny', 'allows'] as const)
    : ([WITH_DENY, 'an allow', 'denies'] as const);
  return idle
    .filter((key) => keys.has(key))
    .map((key): Flaw => {
      const message = `Key "${key}" does nothing in ${kind} rule`;
      return {
        path: [...path, key],
        at: 'key',
        message,
        fix: `Remove it, or move it to the rule that ${verb}`,
      };
    });
}

function checkRoute({ path, keys, resolve }: RouteOutline): Flaw[] {
  const flaws: Flaw[] = [];
  if (keys.has('peers') === keys.has('direct')) {
    const message = keys.has('peers') ? 'Route is both direct and through peers' : 'Route leads nowhere';
    flaws.push({ path, at: 'value', message, fix: 'Write exactly one of peers and direct: true' });
  }
  if (keys.has('sourceAddress') && !keys.has('direct')) {
    const message = 'Key "sourceAddress" does nothing in a route with peers';
    flaws.push({ path: [...path, 'sourceAddress'], at: 'key', message, fix: 'Remove it' });
  }
  if (keys.has('direct') && !keys.has('peers')) {
    if (resolve === 'peer') {
      const message = 'A direct route has no peer to resolve names';
      flaws.push({
        path: [...path, 'resolve'],
        at: 'value',
        message,
        fix: 'Remove resolve, or write resolve: here',
      });
    }
    if (keys.has('balance')) {
      const message = 'Key "balance" does nothing in a direct route';
      flaws.push({ path: [...path, 'balance'], at: 'key', message, fix: 'Remove it' });
    }
  }
  return flaws;
}

function checkDestinations(outline: Outline): Flaw[] {
  const byAddress = new Set(
    (outline.acls ?? []).filter((acl) => acl.matchers.has('dst')).map(({ name }) => name),
  );
  const judging = (references: readonly Reference[]) => references.filter(({ name }) => byAddress.has(name));
  const unresolved = outline.routes.find(({ keys, resolve }) => keys.has('peers') && resolve !== 'here');
  const inRules = unresolved === undefined ? [] : judging(outline.rules.flatMap((rule) => rule.acls));
  return [
    ...inRules.map(({ name, path }): Flaw => {
      const message = `ACL "${name}" judges the resolved address, but route "${unresolved?.name}" lets its peers resolve`;
      const fix = `Write resolve: here in route "${unresolved?.name}", or judge names by dstDomains`;
      return { path, at: 'value', message, fix };
    }),
    ...judging(outline.routes.flatMap((route) => route.when)).map((acl) =>
      tooEarly(acl, 'A route is chosen'),
    ),
    ...judging(outline.trust).map((acl) => tooEarly(acl, 'Trust in a client is decided')),
  ];
}

/** A tunnel has its route before the ClientHello comes. */
function checkServerNames({ acls = [], routes, trust }: Outline): Flaw[] {
  const byServerName = new Set(acls.filter(({ matchers }) => matchers.has('sni')).map(({ name }) => name));
  const judging = (references: readonly Reference[]) =>
    references.filter(({ name }) => byServerName.has(name));
  return [
    ...judging(routes.flatMap((route) => route.when)).map((acl) => unheard(acl, 'A route is chosen')),
    ...judging(trust).map((acl) => unheard(acl, 'Trust in a client is decided')),
  ];
}

function unheard({ name, path }: Reference, what: string): Flaw {
  const message = `${what} before the ClientHello comes, but ACL "${name}" judges its server name`;
  return { path, at: 'value', message, fix: 'Use an ACL without sni' };
}

/** Without credentials to check, such an ACL is never known: whoever wrote it meant something else. */
function checkUsers({ acls = [], hasAuth }: Outline): Flaw[] {
  if (hasAuth) return [];
  return acls
    .filter(({ matchers }) => matchers.has('users'))
    .map(({ path, name }): Flaw => {
      const message = `ACL "${name}" asks for users, but nobody can authenticate`;
      return {
        path: [...path, 'users'],
        at: 'key',
        message,
        fix: 'Add for example auth: { usersFile: users.txt }',
      };
    });
}

function tooEarly({ name, path }: Reference, what: string): Flaw {
  const message = `${what} before names are resolved, but ACL "${name}" judges the resolved address`;
  return { path, at: 'value', message, fix: 'Use an ACL without dst' };
}
