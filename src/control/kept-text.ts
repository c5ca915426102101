/** One kept answer in lines for people. No value of a field is among them: what a client says may be secret. */
import type { KeptView, LifetimeBy } from '#cache/question.ts';
import { partitionText } from './partition-text.ts';
import { momentText, sizeText, spanText } from './text.ts';

const BY: Readonly<Record<LifetimeBy, string>> = {
  's-maxage': 'by s-maxage (section 5.2.2.10)',
  'max-age': 'by max-age (section 5.2.2.1)',
  expires: 'by Expires (section 5.3)',
  guess: 'as guessed from Last-Modified (section 4.2.2)',
  nothing: 'since nobody says a lifetime (section 4.2.1)',
};

const USELESS =
  '  given to nobody: in the policy in force no such rule with "cache: true" can allow it, or there is no such route';

export function keptLines(kept: KeptView, nowMs: number): string[] {
  const { status, bodyBytes, isOnDisk, storedMs, partition, isChosen, varies } = kept;
  const choice = isChosen ? '' : ', which this request would not have chosen';
  const vary = varies.length === 0 ? [] : [`  varies by ${varies.map(plain).join(', ')}${choice}`];
  const useless = kept.isInForce ? [] : [USELESS];
  return [
    `${status}, ${sizeText(bodyBytes)}${isOnDisk ? ' on disk' : ''}, for ${partitionText(partition)}`,
    `  stored ${momentText(storedMs)}, ${spanText(nowMs - storedMs)} ago; its age is ${spanText(kept.ageMs)}`,
    ...useless,
    ...vary,
    `  ${freshnessText(kept, nowMs)}`,
    ...staleLines(kept),
  ];
}

/** Origins write these names, and a terminal takes some bytes for commands. */
function plain(name: string): string {
  return name.replace(/[^!-~]/g, '?');
}

function freshnessText({ ageMs, lifetimeMs, lifetimeBy }: KeptView, nowMs: number): string {
  const leftMs = lifetimeMs - ageMs;
  const by = BY[lifetimeBy];
  const until = momentText(nowMs + leftMs);
  return leftMs > 0
    ? `fresh for ${spanText(lifetimeMs)} ${by}, until ${until}: ${spanText(leftMs)} left`
    : `stale since ${until}: ${spanText(-leftMs)} over its ${spanText(lifetimeMs)} ${by}`;
}

function staleLines(kept: KeptView): string[] {
  const { strictBy, validators, staleWhileRevalidateMs, staleIfErrorMs, silenceMs } = kept;
  const question = validators.length === 0 ? 'nothing' : validators.join(' and ');
  const lines = [`  can be asked about by ${question}`];
  if (strictBy !== undefined) return [...lines, `  never used over its time: ${strictBy}`];
  if (staleWhileRevalidateMs !== undefined)
    lines.push(
      `  used ${spanText(staleWhileRevalidateMs)} over its time while it is asked about (stale-while-revalidate)`,
    );
  if (staleIfErrorMs !== undefined)
    lines.push(`  used ${spanText(staleIfErrorMs)} over its time where the next hop fails (stale-if-error)`);
  if (silenceMs !== undefined)
    lines.push(
      `  used ${spanText(silenceMs)} over its time where the next hop does not answer (section 4.2.4)`,
    );
  return lines;
}
