/** Lines of Weir's own access log (docs/access-log.md): the records with `event` `end`, which every transaction has once. */
import { REASONS, type ReasonFacts } from '#errors.ts';
import { nativeFields } from './ecs-log.ts';
import { broken, isLogTime, type LogEntry, type LogLine, undecided } from './log-entry.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The rules allowed it, and then something else of the same hop refused it. */
const AFTER_THE_RULES: ReadonlySet<string> = new Set([
  'name_prohibited',
  'address_prohibited',
  'upgrade_not_allowed',
  'sni_mismatch',
  'hello_missing',
]);

/** Of a rule, or of a namespace: what is none is not kept, and not shown. */
const NAME = /^[a-z0-9._-]{1,253}$/;

/** Reads one line that begins like a JSON object. */
export function readWeirLine(line: string): LogLine {
  let fields: Fields;
  try {
    fields = nativeFields(JSON.parse(line));
  } catch {
    return broken('it is no JSON');
  }
  if (fields.event === 'end') return readEnd(fields);
  if (fields.event === 'open' || fields.event === 'update') return undecided('record of a tunnel under way');
  return undecided('JSON that is no access record');
}

function readEnd(fields: Fields): LogLine {
  const ip = textOf(fields.client_ip);
  const at = Math.floor(Date.parse(textOf(fields.time) ?? '') - durationOf(fields.duration_ms));
  if (ip === undefined) return broken('it has no client_ip');
  if (!isLogTime(at)) return broken('its time cannot be read');
  const method = textOf(fields.method);
  const target = textOf(fields.url) ?? textOf(fields.target);
  if (method === undefined || target === undefined) return undecided('request that could not be read');
  const decision = decisionOf(fields);
  if (typeof decision === 'string') return undecided(decision);
  return {
    kind: 'decided',
    ...decision,
    question: {
      ip,
      method,
      target,
      at,
      listener: textOf(fields.listener),
      namespace: nameOf(fields.namespace),
      serviceAccount: textOf(fields.service_account),
      user: textOf(fields.user),
      sni: textOf(fields.sni),
    },
    reports: reportsOf(fields.reports),
    // With a peer it is the peer's.
    address: fields.peer === undefined ? textOf(fields.upstream_ip) : undefined,
  };
}

/** What was decided; a text says why that cannot be told. */
function decisionOf(fields: Fields): Pick<LogEntry, 'verdict' | 'by' | 'rule'> | string {
  const reason = textOf(fields.reason) ?? '';
  const rule = nameOf(fields.rule);
  if (AFTER_THE_RULES.has(reason)) return 'refused by the guard, for its Upgrade or its ClientHello';
  if (isDenial(reason, fields.outcome)) return { verdict: 'deny', by: rule ?? 'no rule', rule };
  return rule === undefined ? 'ended before a decision' : { verdict: 'allow', by: rule, rule };
}

/** A refusal of a peer is none of ours; a reason of another version counts by its outcome. */
function isDenial(reason: string, outcome: unknown): boolean {
  const facts: Readonly<Record<string, ReasonFacts>> = REASONS;
  return Object.hasOwn(facts, reason) ? facts[reason]?.source === 'policy' : outcome === 'denied';
}

function reportsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string');
  return typeof value === 'string' && value !== '' ? value.split(',') : [];
}

function durationOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && NAME.test(value) ? value : undefined;
}
