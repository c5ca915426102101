/**
 * Says in words what a named ACL makes of a subject, and by which of its keys and values. It judges nothing by itself: it
 * asks the compiled ACL, and to find the value that decided, the same ACL with fewer values in it.
 */
import { type Acl, type AclOptions, ALL, compileAcl } from '#match/acl.ts';
import type { Matcher } from '#match/matcher.ts';
import type { Labels, Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { RawHeaders } from '#net/headers.ts';
import { redactUrl } from '#record/redact.ts';

/** An ACL, the options that it was compiled from (`all` has none), and what it is asked about. */
export interface Asked {
  readonly acl: Acl;
  readonly options?: AclOptions | undefined;
  readonly subject: Subject;
}

/** What a key looks at, in words. A key that is not here is told by its name. */
const LOOKS_AT: Readonly<Record<string, (asked: Asked) => string>> = {
  src: ({ subject }) => `client ${subject.clientAddress.text}`,
  dst: ({ subject: { host, destination } }) =>
    `address ${(destination ?? host.address)?.text ?? `of ${host.text}`}`,
  dstDomains: ({ subject }) => `host ${subject.host.text}`,
  ports: ({ subject }) => `port ${subject.port}`,
  methods: ({ subject }) => `method ${subject.method}`,
  listeners: ({ subject }) => `listener ${subject.listener}`,
  dstDomainRegex: ({ subject }) => `host ${subject.host.text}`,
  urlRegex: ({ subject: { requestUrl } }) =>
    `URL ${requestUrl === undefined ? 'of a CONNECT' : redactUrl(requestUrl)}`,
  schemes: ({ subject }) => (subject.method === 'CONNECT' ? 'a CONNECT' : 'scheme http'),
  // Not their values, which may be secrets.
  headers: ({ subject }) => `a head with ${namesIn(subject.headers ?? []) || 'no fields'}`,
  users: ({ subject }) => named('user', subject.user),
  namespaces: ({ subject }) => named('namespace', subject.identity?.namespace),
  serviceAccounts: ({ subject }) => named('service account', subject.identity?.serviceAccount),
  podLabels: ({ subject }) => named('pod', labelsOf(subject.identity?.podLabels)),
  namespaceLabels: ({ subject }) => named('namespace', labelsOf(subject.identity?.namespaceLabels?.labels)),
  clientCerts: ({ subject }) => named('certificate', [...(subject.clientCert ?? [])].join(', ') || undefined),
  sni: ({ subject }) => named('server name', subject.sni?.text),
  time: ({ subject, options }) => `time ${wallClock(subject.timeMs, options?.time?.timeZone ?? 'UTC')}`,
};

function named(what: string, name: string | undefined): string {
  return name === undefined ? `${what} that is not known` : `${what} ${name}`;
}

function labelsOf(labels: Labels | undefined): string | undefined {
  return labels && ([...labels].map(([name, value]) => `${name}=${value}`).join(' ') || 'without labels');
}

/** Every other one of a flat list. */
function namesIn(headers: RawHeaders): string {
  return headers.filter((_, i) => i % 2 === 0).join(', ');
}

/** Why the ACL is what it is: `port 8080 is not in tls_ports`. Of one that is true every key has its say. */
export function because(asked: Asked): string {
  const { acl, subject } = asked;
  if (acl.name === ALL) return 'it always holds';
  const value = acl.test(subject);
  const telling = acl.matchers.filter((matcher) => matcher.test(subject) === value);
  const told = value === Tri.True ? telling : telling.slice(0, 1);
  return told.map((matcher) => say(matcher, asked)).join(' and ');
}

function say(matcher: Matcher, asked: Asked): string {
  const { acl, subject } = asked;
  const { key } = matcher;
  const what = LOOKS_AT[key]?.(asked) ?? `what "${key}" asks about`;
  // Where there are several, their names tell which of them it is.
  const where = acl.matchers.length > 1 ? `${acl.name}.${key}` : acl.name;
  switch (matcher.test(subject)) {
    case Tri.True:
      return `${what} is in ${where}${entryBesides(what, entryThatHolds(key, asked))}`;
    case Tri.False:
      return `${what} is not in ${where}`;
    case Tri.Unknown:
      return `${what} cannot be judged by ${key}, so ${acl.name} is unknown`;
    case Tri.Unheard:
    case Tri.Pending:
      return `${what} is not known yet, and ${where} depends on it`;
  }
}

/** What looks at itself need not be said twice. */
function entryBesides(what: string, entry: string): string {
  return entry === '' || what.endsWith(` ${entry}`) ? '' : ` (${entry})`;
}

/** The value of a list that makes the key true; of several, one. Empty where it is no list. */
function entryThatHolds(key: string, { acl, options, subject }: Asked): string {
  let values = valuesOf(options, key);
  while (values.length > 1) {
    const half = values.slice(0, values.length >> 1);
    const holds = compileAcl(acl.name, { [key]: half }).test(subject) === Tri.True;
    values = holds ? half : values.slice(half.length);
  }
  return values.map(textOf).join('');
}

function valuesOf(options: AclOptions | undefined, key: string): readonly unknown[] {
  const value: unknown = options?.[key as keyof AclOptions];
  return Array.isArray(value) ? value : [];
}

/** Canonical text of a value of a list; empty where it has none. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { text } = Object(value) as { readonly text?: unknown };
  return typeof text === 'string' ? text : '';
}

/** As Temporal numbers them, from 1 on. */
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `mon 2026-11-23 10:00 Asia/Shanghai`. */
function wallClock(timeMs: number, timeZone: string): string {
  const at = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone);
  const minute = at.toPlainTime().toString({ smallestUnit: 'minute' });
  return `${DAYS[at.dayOfWeek - 1]} ${at.toPlainDate()} ${minute} ${timeZone}`;
}
