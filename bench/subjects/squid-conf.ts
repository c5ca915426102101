/**
 * Says the ACLs and the rules of one of our files in the words of squid.conf, so that both proxies are asked the same questions
 * in the same order. What Squid has no word for is left out, which can only make it cheaper.
 */

/** The part of a configuration file that is about access. */
export interface Policy {
  readonly acls: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly access: readonly AccessRule[];
}

interface AccessRule {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** Our matchers and Squid's; `time` is turned into words by {@link timeOf}. */
const TYPES: Readonly<Record<string, string>> = {
  src: 'src',
  dstDomains: 'dstdomain',
  ports: 'port',
  methods: 'method',
  time: 'time',
};

/** Squid's letters for the days from Sunday to Saturday. */
const EVERY_DAY = 'SMTWHFA';

/** @throws for anything but a range on every day, which is all that a measurement at any hour can use */
function timeOf({ days, hours }: { readonly days?: unknown; readonly hours?: unknown }): string {
  if (days !== 'sun-sat') throw new Error(`Cannot say the days "${days}" to Squid`);
  return `${EVERY_DAY} ${hours}`;
}

function valuesOf(matcher: string, value: unknown): string {
  if (matcher === 'time') return timeOf(value as object);
  if (Array.isArray(value)) return value.join(' ');
  // A list in a file: Squid reads one value from each line, too.
  return `"${(value as { readonly file: string }).file}"`;
}

/** The name of the ACL that a condition asks for, without its `!`. */
const aclOf = (condition: string): string => condition.replace(/^!/, '');

/** Lines of squid.conf that decide as `policy` does. */
export function squidAccess({ acls, access }: Policy): readonly string[] {
  const known = Object.entries(acls).filter(([, acl]) =>
    Object.keys(acl).every((matcher) => matcher in TYPES),
  );
  const names = new Set(['all', ...known.map(([name]) => name)]);
  const definitions = known.flatMap(([name, acl]) => aclLines(name, acl));
  const rules = access.flatMap(({ allow, deny }) => {
    const conditions = (allow ?? deny ?? []).filter((condition) => names.has(aclOf(condition)));
    return conditions.length === 0 ? [] : [`http_access ${allow ? 'allow' : 'deny'} ${conditions.join(' ')}`];
  });
  return [...definitions, ...rules, 'http_access deny all'];
}

/** Squid's ACL has one matcher; more than one must all match, which it calls `all-of`. */
function aclLines(name: string, acl: Readonly<Record<string, unknown>>): readonly string[] {
  const parts = Object.entries(acl);
  if (parts.length === 1)
    return parts.map(([matcher, value]) => `acl ${name} ${TYPES[matcher]} ${valuesOf(matcher, value)}`);
  const named = parts.map(([matcher, value]): [string, string] => [
    `${name}_${matcher}`,
    `${TYPES[matcher]} ${valuesOf(matcher, value)}`,
  ]);
  return [
    ...named.map(([part, text]) => `acl ${part} ${text}`),
    `acl ${name} all-of ${named.map(([part]) => part).join(' ')}`,
  ];
}
