/** The draft as a configuration file that people read: short values on one line, long lists one under the other. */

import { USERS_FILE } from './acl-users.ts';
import {
  type AclDraft,
  type Draft,
  needsUsers,
  type RouteDraft,
  type RuleDraft,
  type Section,
  usedAcls,
  type Value,
} from './draft.ts';
import { isAdminPortTaken } from './listeners.ts';

const LONGEST_LINE = 110;

/** What may stand without quotes and is text for certain. */
const PLAIN =
  /^(?:\.?[A-Za-z][A-Za-z0-9._/-]*|\/[A-Za-z0-9._/-]+|\d{1,3}(?:\.\d{1,3}){3}(?:\/\d+)?|\d+(?:ms|s|m|h|d))$/;
const NO_TEXT = /^(?:true|false|null|yes|no|on|off|y|n|\.inf|\.nan)$/i;

/** The text of the file. `head`: comment lines in front. */
export function writeYaml(draft: Draft, head: readonly string[]): string {
  const used = usedAcls(draft);
  const acls = [...draft.acls].filter(([name]) => used.has(name));
  const sections: [Section, string[]][] = [
    ['name', [`name: ${text(draft.name)}`]],
    ['workers', draft.workers === 1 ? [] : [`workers: ${draft.workers}`]],
    ['listeners', ['listeners:', ...draft.listeners.map((listener) => `  - ${flow(listener)}`)]],
    ['admin', isAdminPortTaken(draft) ? ['admin: { address: "127.0.0.1:9129" }'] : []],
    ['acls', acls.length === 0 ? [] : ['acls:', ...acls.flatMap(aclLines)]],
    ['access', ['access:', ...accessLines(draft.access)]],
    ['auth', needsUsers(draft) ? [`auth: ${flow({ usersFile: USERS_FILE })}`] : []],
    ['limits', limitLines(draft)],
    [
      'peers',
      draft.peers.size === 0
        ? []
        : ['peers:', ...[...draft.peers].map(([name, peer]) => `  ${name}: ${flow(peer)}`)],
    ],
    ['routes', ['routes:', ...draft.routes.map((route) => routeLine(route, judgesAddresses(draft, used)))]],
    ['forward', mappingLines('forward', draft.forward)],
    ['dns', mappingLines('dns', draft.dns)],
    ['log', mappingLines('log', draft.log)],
    ['timeouts', mappingLines('timeouts', draft.timeouts)],
  ];
  const body = sections.flatMap(([section, lines]) => [...draft.commentsOf(section).map(comment), ...lines]);
  return [...head.map(comment), ...body, ''].join('\n');
}

function comment(line: string): string {
  return `# ${line.replaceAll(/\p{Cc}/gu, '?')}`.trimEnd();
}

function judgesAddresses({ acls }: Draft, used: ReadonlySet<string>): boolean {
  return [...acls].some(([name, acl]) => used.has(name) && 'dst' in acl);
}

function aclLines([name, acl]: [string, AclDraft]): string[] {
  const short = `  ${name}: ${flow(acl as Value)}`;
  if (short.length <= LONGEST_LINE) return [short];
  return [`  ${name}:`, ...Object.entries(acl).flatMap(([key, value]) => keyLines(key, value as Value))];
}

function keyLines(key: string, value: Value): string[] {
  if (!Array.isArray(value)) return [`    ${key}: ${flow(value)}`];
  return [`    ${key}:`, ...value.map((one) => `      - ${flow(one)}`)];
}

/** Rules of one line of squid.conf stand under one comment. */
function accessLines(rules: readonly RuleDraft[]): string[] {
  return rules.flatMap(({ name, action, acls, from, message, limit }, index) => {
    const options = {
      ...(message === undefined ? {} : { message }),
      ...(limit === undefined ? {} : { limit }),
    };
    const rule = `  - ${flow({ name, [action]: acls, ...options })}`;
    return rules[index - 1]?.from === from ? [rule] : [`  ${comment(from)}`, rule];
  });
}

function limitLines({ access, limits }: Draft): string[] {
  const used = [...limits].filter(([name]) => access.some(({ limit }) => limit === name));
  if (used.length === 0) return [];
  return ['limits:', ...used.map(([name, limit]) => `  ${name}: ${flow({ ...limit })}`)];
}

/** Names are resolved at this hop where a rule judges addresses, as Squid does it. */
function routeLine({ name, when, peers, balance }: RouteDraft, resolvesHere: boolean): string {
  const condition = when.length === 0 ? {} : { when };
  if (peers.length === 0) return `  - ${flow({ name, ...condition, direct: true })}`;
  const resolve = resolvesHere ? { resolve: 'here' } : {};
  const choice = balance === undefined || peers.length === 1 ? {} : { balance };
  return `  - ${flow({ name, ...condition, peers, ...choice, ...resolve })}`;
}

function mappingLines(section: string, mapping: Readonly<Record<string, Value>>): string[] {
  return Object.keys(mapping).length === 0 ? [] : [`${section}: ${flow(mapping)}`];
}

/** A value on one line. */
function flow(value: Value): string {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  const pairs = Object.entries(value).map(([key, part]) => `${text(key)}: ${flow(part)}`);
  return `{ ${pairs.join(', ')} }`;
}

function text(value: string): string {
  return PLAIN.test(value) && !NO_TEXT.test(value) ? value : JSON.stringify(value);
}
