/** Directives that become one key each: name, workers, clocks, DNS, the access log. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { parseIp } from '#net/ip.ts';
import { type Draft, nameOf } from './draft.ts';
import type { Tell } from './finding.ts';
import { type Statement, textsOf, wordAt } from './statement.ts';
import { parseTime, type SquidTime } from './units.ts';

/** Carries one directive over, and tells what became of it. */
export type Setting = (line: Statement, draft: Draft, tell: Tell) => void;

/** Clocks that may be zero in Weir. */
const MAY_BE_ZERO = ['drain', 'maxTtl', 'negativeTtl'];

/** A clock of Weir's from one of Squid's. `note`: in what they differ. */
export function clock(group: 'timeouts' | 'dns', key: string, note?: string): Setting {
  return (line, draft, tell) => {
    const time = parseTime(textsOf(line));
    if (time === undefined) {
      tell(line, 'error', `"${textsOf(line).join(' ')}" is no time`);
    } else if (time.ms === 0 && !MAY_BE_ZERO.includes(key)) {
      tell(line, 'dropped', `Weir has no ${group}.${key} of zero; it keeps its own`);
    } else {
      draft[group][key] = time.text;
      // The shortest time must not be longer than the longest, and is a second unless told otherwise.
      if (key === 'maxTtl' && time.ms < 1000) draft.dns.minTtl = time.text;
      tellClock(line, `${group}.${key}: ${time.text}`, { note, time, tell });
    }
  };
}

interface ToldClock {
  readonly note: string | undefined;
  readonly time: SquidTime;
  readonly tell: Tell;
}

function tellClock(line: Statement, what: string, { note, time, tell }: ToldClock): void {
  const remarks = [time.isCut ? 'Weir has none longer than 24 days' : undefined, note];
  const remark = remarks.filter((text) => text !== undefined).join('; ');
  tell(line, remark === '' ? 'same' : 'changed', remark === '' ? what : `${what}. ${remark}`);
}

/** `peer_connect_timeout`: of every peer that has none of its own. */
export const peerClock: Setting = (line, draft, tell) => {
  const time = parseTime(textsOf(line));
  if (time === undefined || time.ms === 0) {
    tell(line, 'error', `"${textsOf(line).join(' ')}" is no time to wait for a peer`);
    return;
  }
  for (const [name, peer] of draft.peers) draft.peers.set(name, { connectTimeout: time.text, ...peer });
  tell(line, 'same', `connectTimeout of every peer: ${time.text}`);
};

/** `visible_hostname`, `unique_hostname`. */
export const hostName: Setting = (line, draft, tell) => {
  draft.name = nameOf(wordAt(line, 0));
  tell(line, 'same', `name: ${draft.name}`);
};

/** `workers`. */
export const workers: Setting = (line, draft, tell) => {
  const count = Number(wordAt(line, 0));
  if (!Number.isInteger(count) || count < 0) {
    tell(line, 'error', `"${wordAt(line, 0)}" is no number of workers`);
    return;
  }
  draft.workers = Math.min(Math.max(count, 1), 64);
  tell(line, draft.workers === Math.max(count, 1) ? 'same' : 'changed', `workers: ${draft.workers}`);
};

/** `dns_nameservers`. */
export const nameServers: Setting = (line, draft, tell) => {
  const servers = textsOf(line);
  const bad = servers.find((server) => parseIp(server) === undefined);
  if (bad === undefined && servers.length > 0) {
    draft.dns.servers = [...((draft.dns.servers as readonly string[] | undefined) ?? []), ...servers];
    tell(line, 'same', 'dns.servers');
  } else {
    tell(
      line,
      'error',
      bad === undefined ? 'It names no server' : `"${bad}" is no IP address; no server is taken over`,
    );
  }
};

/** `hosts_file`. One that is not on this machine would keep the configuration from being loaded here. */
export const hostsFile: Setting = (line, draft, tell) => {
  const path = wordAt(line, 0);
  if (path === 'none' || (isAbsolute(path) && existsSync(path))) {
    draft.dns.hostsFile = path;
    tell(line, 'same', `dns.hostsFile: ${path}`);
  } else {
    draft.comment('dns', `Not on this machine: hostsFile: ${path}`);
    tell(
      line,
      'changed',
      `"${path}" is not on this machine, so that it is only a comment; write it where it is`,
    );
  }
};

const OTHER_FORMAT = "Its path is taken over. Lines are Weir's own, JSON, and conditions on it do not count";

/** `access_log`: Weir has one, in which everything is. */
export const accessLog: Setting = (line, draft, tell) => {
  const [where = '', ...rest] = textsOf(line);
  if (where === 'none') {
    tell(line, 'changed', 'Weir records every transaction; without a path on standard output');
    return;
  }
  const path = /^(?:(?:stdio|daemon):)?(\/.*)$/.exec(where)?.[1];
  if (path === undefined) {
    tell(line, 'dropped', `"${where}" is no file; Weir writes to a file or to standard output`);
    return;
  }
  if (draft.log.access !== undefined) {
    tell(line, 'dropped', 'Weir has one access log, and that is the first one');
    return;
  }
  const { format, conditions } = formatOf(rest);
  const isSquid = format === 'squid';
  draft.log.access = isSquid ? { path, format } : { path };
  if (!isSquid) tell(line, 'changed', OTHER_FORMAT);
  else if (conditions.length > 0)
    tell(line, 'changed', 'Every transaction has its line: conditions on it do not count');
  else tell(line, 'same', `log.access: { path: ${path}, format: squid }`);
};

/** The format, native where none is named, and ACLs under which alone there is a line. */
function formatOf(words: readonly string[]): { format: string; conditions: readonly string[] } {
  const plain = words.filter((word) => !word.includes('='));
  const named = words.find((word) => word.startsWith('logformat='))?.slice('logformat='.length);
  if (named !== undefined) return { format: named, conditions: plain };
  const [format = 'squid', ...conditions] = plain;
  return { format, conditions };
}
