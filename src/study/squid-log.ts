/**
 * Lines of Squid's access.log in its predefined formats `squid` (native), `common` and `combined`. A result code that
 * begins with TCP_DENIED is a refusal of Squid's own; any other status is the origin's or the next proxy's.
 */
import { broken, isLogTime, type LogLine, undecided } from './log-entry.ts';

/** time elapsed client result/status bytes method URL user hierarchy/address type */
const NATIVE =
  /^(\d+\.\d{3}) +(-?\d+) (\S+) ([A-Z_]+)\/(\d{3}) \S+ (\S+) (\S+) (\S+) ([A-Z_]+)\/(\S+)(?: |$)/;

/**
 * client ident user [time] "method URL HTTP/version" status bytes (referrer and agent) result:hierarchy
 *
 * Squid does not escape quotes in what a client says of itself; only the end of the line is its own again.
 */
const COMMON =
  /^(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) (\S+) HTTP\/[\d.]+" (\d{3}) \S+ (?:".*" )?([A-Z_]+):[A-Z_]+$/;

const LOCAL_TIME = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})$/;

/** Whoever went to the origin itself logs the origin's address. */
const DIRECT = /^(?:HIER_|TIMEOUT_HIER_)?(?:DIRECT|ORIGINAL_DST)$/;

interface Seen {
  readonly atMs: number;
  readonly client: string;
  readonly result: string;
  readonly status: string;
  readonly method: string;
  readonly url: string;
  readonly user: string;
  readonly address: string | undefined;
}

/** Reads one line of the native format, or says what it is instead. */
export function readSquidLine(line: string): LogLine {
  const native = NATIVE.exec(line);
  if (native !== null) return judged(ofNative(native));
  const common = COMMON.exec(line);
  if (common !== null) return judged(ofCommon(common));
  return broken("it is neither Weir's JSON nor Squid's native, common or combined format");
}

function ofNative(fields: RegExpExecArray): Seen {
  const [, time, elapsed, client = '', result = '', status = '', method = '', url = '', user = ''] = fields;
  const [, , , , , , , , , hierarchy = '', address = ''] = fields;
  return {
    // The line is written at the end.
    atMs: Math.round(Number(time) * 1000) - Math.max(0, Number(elapsed)),
    client,
    result,
    status,
    method,
    url,
    user,
    address: DIRECT.test(hierarchy) ? address : undefined,
  };
}

function ofCommon(fields: RegExpExecArray): Seen {
  const [, client = '', user = '', time = '', method = '', url = '', status = '', result = ''] = fields;
  const [, day, month, year, clock, zone] = LOCAL_TIME.exec(time) ?? [];
  const atMs = Date.parse(`${day} ${month} ${year} ${clock} ${zone}`);
  return { atMs, client, result, status, method, url, user, address: undefined };
}

function judged(seen: Seen): LogLine {
  const { client, method, url, user, result } = seen;
  if (!isLogTime(seen.atMs)) return broken('its time cannot be read');
  const why = whyUndecided(seen);
  if (why !== undefined) return undecided(why);
  return {
    kind: 'decided',
    question: {
      ip: client,
      method,
      target: url,
      at: seen.atMs,
      user: user === '-' ? undefined : user,
    },
    verdict: result.startsWith('TCP_DENIED') ? 'deny' : 'allow',
    by: `${result}/${seen.status}`,
    rule: undefined,
    reports: [],
    address: seen.address,
  };
}

/** Why the line says nothing about a policy; undefined where it does. */
function whyUndecided({ method, url, result }: Seen): string | undefined {
  if (url.startsWith('cache_object:') || url.includes('/squid-internal-')) return "Squid's cache manager";
  if (url.startsWith('error:') || method === 'NONE' || url === '-') return 'request that could not be read';
  if (/^(?:NONE|TAG_NONE)/.test(result)) return 'ended before a decision';
  if (!result.startsWith('TCP_')) return 'message between caches';
  if (method !== 'CONNECT' && /^https:/i.test(url)) return 'request inside a decrypted tunnel';
  if (method !== 'CONNECT' && !/^http:/i.test(url)) return 'scheme that Weir does not forward';
  return undefined;
}
