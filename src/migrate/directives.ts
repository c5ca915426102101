/**
 * Every directive of Squid 5 to 7 that is no part of rules, ACLs and ways out, and what becomes of it. A table: what is not in
 * it is no directive. Directives with words to look at have a function.
 */

import { actionOf } from './access.ts';
import { FILTERS, QUIET } from './directive-rows.ts';
import { type Draft, needsUsers } from './draft.ts';
import type { Tell, Verdict } from './finding.ts';
import { forwardedFor, requestHeaderAccess, via } from './header-policy.ts';
import {
  accessLog,
  clock,
  hostName,
  hostsFile,
  nameServers,
  peerClock,
  type Setting,
  workers,
} from './settings.ts';
import { type Statement, textsOf, wordAt } from './statement.ts';

/** What becomes of a directive that no other part of the translation takes. */
export function directives(): ReadonlyMap<string, Setting> {
  const rows = [QUIET, FILTERS].flatMap((table) =>
    table.flatMap(([verdict, message, names]) =>
      names.split(' ').map((name) => [name, saying(verdict, message)] as const),
    ),
  );
  return new Map<string, Setting>([...rows, ...SETTINGS]);
}

function saying(verdict: Verdict, message: string): Setting {
  return (line, _, tell) => tell(line, verdict, message);
}

const SETTINGS: readonly (readonly [string, Setting])[] = [
  ['visible_hostname', hostName],
  ['unique_hostname', hostName],
  ['workers', workers],
  ['connect_timeout', clock('timeouts', 'connect')],
  ['peer_connect_timeout', peerClock],
  ['forward_timeout', clock('timeouts', 'establish', 'it covers all that comes before the reply')],
  ['request_timeout', clock('timeouts', 'head', 'it runs from the first byte')],
  ['request_start_timeout', clock('timeouts', 'keepAlive')],
  ['client_idle_pconn_timeout', clock('timeouts', 'keepAlive')],
  ['persistent_request_timeout', clock('timeouts', 'keepAlive')],
  ['read_timeout', clock('timeouts', 'idle', 'nothing moves in either direction')],
  ['client_lifetime', clock('timeouts', 'lifetime', 'it is meant for each tunnel')],
  ['shutdown_lifetime', clock('timeouts', 'drain')],
  ['positive_dns_ttl', clock('dns', 'maxTtl')],
  ['negative_dns_ttl', clock('dns', 'negativeTtl')],
  ['dns_timeout', clock('dns', 'timeout')],
  ['dns_nameservers', nameServers],
  ['hosts_file', hostsFile],
  ['access_log', accessLog],
  ['cache_access_log', accessLog],
  ['half_closed_clients', switching('on', 'Weir keeps a side that has ended for timeouts.linger')],
  ['via', via],
  ['forwarded_for', forwardedFor],
  ['request_header_access', requestHeaderAccess],
  ['follow_x_forwarded_for', followed],
  ['auth_param', authParam],
  ['ssl_bump', sslBump],
  ['http_reply_access', replyAccess('Answers are not judged by Weir')],
  ['adapted_http_access', replyAccess('There is no second set of rules behind an adaptation')],
  ['miss_access', replyAccess('There is no second set of rules behind a cache')],
  ['client_ip_max_connections', connectionsOfClient],
  ['prefer_direct', direct('off')],
  ['nonhierarchical_direct', direct('off')],
  ['configuration_includes_quoted_values', quoted],
];

/** A switch that Weir has in one position. */
function switching(position: 'on' | 'off', message: string): Setting {
  return (line, _, tell) => tell(line, wordAt(line, 0) === position ? 'same' : 'changed', message);
}

function direct(position: 'off'): Setting {
  return (line, _, tell) => {
    const message = 'Weir goes through peers or directly as its routes say, and never falls back';
    tell(line, wordAt(line, 0) === position ? 'same' : 'changed', message);
  };
}

function authParam(line: Statement, draft: Draft, tell: Tell): void {
  const [scheme, key] = [wordAt(line, 0), wordAt(line, 1)];
  if (scheme !== 'basic') {
    tell(line, 'dropped', 'Weir knows Basic alone: clients cannot authenticate in this way');
  } else if (!needsUsers(draft)) {
    tell(line, 'dropped', 'No rule asks who the user is, so that nobody has to authenticate');
  } else if (key === 'program') {
    const message =
      'Weir calls no helper: it reads auth.usersFile, in which nobody is yet. Passwords cannot be carried over; make each line with "weir passwd NAME"';
    tell(line, 'changed', message);
  } else {
    tell(line, 'dropped', 'Weir has its own for this');
  }
}

/** Who is believed about its clients decides whose address `src` is. */
function followed(line: Statement, _: Draft, tell: Tell): void {
  const message =
    'Squid judges src by X-Forwarded-For here; Weir by the address of the TCP connection, which is that of the proxy in front. Look at every ACL with src';
  tell(
    line,
    actionOf(line) === 'allow' ? 'dangerous' : 'same',
    actionOf(line) === 'allow' ? message : 'Weir believes none',
  );
}

function sslBump(line: Statement, _: Draft, tell: Tell): void {
  const action = wordAt(line, 0);
  if (['splice', 'peek', 'none', 'peek-and-splice'].includes(action)) {
    tell(
      line,
      'changed',
      'Weir decrypts no tunnel; write sni: verify, or log, into the rules whose ClientHellos are to be judged',
    );
  } else if (action === 'terminate') {
    tell(
      line,
      'dangerous',
      'Not carried over: what was terminated here passes, where the rules allow the target. Deny it by an ACL with sni, or write sni: verify',
    );
  } else {
    tell(
      line,
      'dangerous',
      'Weir decrypts nothing: whatever looked into these connections (ICAP, rules on URLs) does not any more',
    );
  }
}

function replyAccess(message: string): Setting {
  return (line, _, tell) => {
    const isHarmless = actionOf(line) === 'allow';
    tell(
      line,
      isHarmless ? 'dropped' : 'dangerous',
      isHarmless ? message : `${message}: what this refuses is let through`,
    );
  };
}

function connectionsOfClient(line: Statement, _: Draft, tell: Tell): void {
  if (wordAt(line, 0).startsWith('-')) tell(line, 'same', 'It asks for nothing');
  else
    tell(
      line,
      'dangerous',
      'Not carried over, so that a client may open more than Squid let it: write maxConnectionsPerClient into the listeners',
    );
}

function quoted(line: Statement, _: Draft, tell: Tell): void {
  const isOn = textsOf(line)[0] === 'on';
  const message = isOn
    ? 'Words in quotes are read as file names in ACLs all the same: look at each of them'
    : 'Words in quotes are file names in ACLs';
  tell(line, isOn ? 'dangerous' : 'same', message);
}
