/** A suggestion as `acls` and `access` of a configuration file, with what was seen in comments. */
import type { SuggestedHost, SuggestedRule } from './group-traffic.ts';
import type { Sightings } from './sightings.ts';
import type { Suggestion } from './suggest.ts';

/** Of folded names so many are told. */
const NAMES_SHOWN = 5;
/** What YAML can take for nothing but text: no number, no word such as `no`. */
const PLAIN = /^\.?[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/;

/** A configuration whose peers resolve is refused where a rule asks for addresses; its author should know before. */
const ADDRESSES_NEED =
  '    # Asked for by address: routes with peers have to say "resolve: here", or leave this out with its rule.';

/** YAML to put into a configuration file: it has neither listeners nor routes. */
export function suggestionYaml(suggestion: Suggestion): string {
  const { rules, covered } = suggestion;
  const sources = [...new Set(rules.map(({ sources }) => listOf(sources.values)))];
  const named = rules.map((rule, index) => ({
    rule,
    name: `suggested-${index + 1}`,
    from: `suggested-from-${sources.indexOf(listOf(rule.sources.values)) + 1}`,
    to: `suggested-to-${index + 1}`,
  }));
  const lines = [
    `# By weir suggest, for ${seen(covered)}. Read every line before it is used.`,
    'acls:',
    ...new Set(named.map(({ rule, from }) => sourceAcl(rule, from))),
    ...named.flatMap(({ rule, to }) => targetAcl(rule, to)),
    'access:',
    ...named.map(
      ({ rule, name, from, to }) => `  - { name: ${name}, allow: [${from}, ${to}] }  # ${seen(rule.seen)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function sourceAcl({ sources }: SuggestedRule, name: string): string {
  const key = sources.kind === 'namespace' ? 'namespaces' : 'src';
  return `  ${name}: { ${key}: ${listOf(sources.values)} }`;
}

function targetAcl({ methods, ports, hostKind, hosts }: SuggestedRule, name: string): string[] {
  return [
    `  ${name}:`,
    `    methods: [${methods.join(', ')}]`,
    `    ports: [${ports.join(', ')}]`,
    ...(hostKind === 'ip' ? [ADDRESSES_NEED, '    dst:'] : ['    dstDomains:']),
    ...hosts.map((host) => `      - ${scalar(host.text)}  # ${hostNote(host)}`),
  ];
}

function hostNote({ names, seen: sightings }: SuggestedHost): string {
  if (names.length === 0) return seen(sightings);
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return `${seen(sightings)}: ${names.length} names, ${shown}${names.length > NAMES_SHOWN ? ', ...' : ''}`;
}

function listOf(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
}

function scalar(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text);
}

/** `12 requests, 2026-11-23T02:00:01Z to 2026-11-23T09:00:00Z` */
function seen({ count, firstMs, lastMs }: Sightings): string {
  return `${count} ${count === 1 ? 'request' : 'requests'}, ${time(firstMs)} to ${time(lastMs)}`;
}

/** RFC 3339 in UTC, whole seconds. */
function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
