/** A diagnosis as text for people, and as JSON for programs. */
import type { Diagnosis, Mark, Step, StepName } from './step.ts';

const MARKS: Readonly<Record<Mark, string>> = { ok: '✓', failed: '✗', unknown: '–' };

/** Of steps that are there once. */
const TITLES: Readonly<Record<string, string>> = {
  environment: 'Environment',
  'proxy-dns': 'DNS of the proxy',
  'tier1-tcp': 'Tier 1, TCP',
  'tier1-tls': 'Tier 1, TLS',
  'target-dns': 'Target, DNS',
  'target-tcp': 'Target, TCP',
  'target-tls': 'Target, TLS',
  'target-answer': 'Target, answer',
};

/** Several lines, each ended. */
export function renderDiagnosis(diagnosis: Diagnosis): string {
  const { target, proxy, steps, fault, transaction, hearsay } = diagnosis;
  const width = Math.max(...steps.map(({ step }) => titleOf(step).length));
  const lines = [
    `${target} through ${proxy ?? 'no proxy'}`,
    '',
    ...steps.flatMap((step) => linesOf(step, width)),
    '',
  ];
  if (fault === undefined) lines.push('The way is open');
  else lines.push(`✗ ${fault.component}: ${fault.detail}`, `  ${fault.check}`);
  if (transaction !== undefined)
    lines.push(`  Transaction ${transaction}: look it up in the logs of the tiers`);
  if (hearsay.length > 0)
    lines.push('Hearsay, as an origin could say it too:', ...hearsay.map((one) => `  ${one}`));
  return `${lines.join('\n')}\n`;
}

function linesOf({ step, mark, detail, notes }: Step, width: number): string[] {
  return [`${MARKS[mark]} ${titleOf(step).padEnd(width)}  ${detail}`, ...notes.map((note) => `    ${note}`)];
}

function titleOf(step: StepName): string {
  const [, tier, what] = /^tier(\d+)-(reach|verdict)$/.exec(step) ?? [];
  if (tier === undefined) return String(TITLES[step]);
  return `Tier ${tier}, ${what === 'reach' ? 'reached' : 'verdict'}`;
}

export function diagnosisJson(diagnosis: Diagnosis): object {
  const { target, proxy, steps, fault, hops, transaction, hearsay } = diagnosis;
  return { ok: fault === undefined, target, proxy, fault, transaction_id: transaction, hops, steps, hearsay };
}
