/** The tables of the page, each from the configuration in force and one scrape. Names of clients and hosts are in none. */
import type { Config } from '#config/config.ts';
import { REASONS } from '#errors.ts';
import type { Scrape } from './exposition.ts';
import { type Html, html } from './html.ts';
import { amount, frequency, share } from './numbers.ts';

/** Of refusals and failures: those with the most. */
const SHOWN_ROWS = 12;

export function peersTable({ peers }: Config, scrape: Scrape): Html {
  const rows = Object.values(peers).map(({ name, address, hop, tls, weight }) => {
    const of = (metric: string): number => scrape.sum(metric, { peer: name });
    const kind = [hop ? 'Weir' : 'proxy', ...(tls === undefined ? [] : ['TLS'])].join(', ');
    return html`<tr><td class="name">${name}</td><td class="name">${address.text}</td><td>${kind}</td>${stateOf(scrape, name)}<td class="n">${weight}</td><td class="n">${amount(of('weir_peer_tunnels'))}</td><td class="n">${amount(of('weir_peer_failures_total'))}</td></tr>`;
  });
  if (rows.length === 0) return html`<p class="empty">No peers: whatever passes goes out directly.</p>`;
  return table(['Name', 'Address', 'Kind', 'State', '#Weight', '#Tunnels', '#Failures'], rows, 'Peers');
}

function stateOf(scrape: Scrape, peer: string): Html {
  const [up] = scrape.samples('weir_peer_up', { peer });
  if (up === undefined) return html`<td class="dim">not known</td>`;
  return up.value > 0 ? html`<td class="good">up</td>` : html`<td class="bad">down</td>`;
}

/** Those with the most first. */
export function reasonsTable(scrape: Scrape): Html {
  const samples = ['denied', 'limited', 'failed']
    .flatMap((outcome) => scrape.samples('weir_requests_total', { outcome }))
    .filter(({ value }) => value > 0);
  const byReason = Map.groupBy(samples, ({ labels: { reason } }) => String(reason));
  const counted = [...byReason].map(([reason, of]) => ({
    reason,
    outcome: String(of[0]?.labels.outcome),
    count: of.reduce((sum, { value }) => sum + value, 0),
  }));
  const top = counted.toSorted((a, b) => b.count - a.count).slice(0, SHOWN_ROWS);
  const all = counted.reduce((sum, { count }) => sum + count, 0);
  const rows = top.map(({ reason, outcome, count }) => {
    const phrase = Object.hasOwn(REASONS, reason) ? REASONS[reason as keyof typeof REASONS].phrase : '';
    return html`<tr><td class="name">${reason}</td><td class="${outcome === 'failed' ? 'bad' : 'warn'}">${outcome}</td><td class="dim">${phrase}</td><td class="n">${amount(count)}</td><td>${share(count, all)}</td></tr>`;
  });
  if (rows.length === 0) return html`<p class="empty">Nothing was refused, and nothing failed.</p>`;
  return table(['Reason', 'Outcome', '', '#Count', 'Share'], rows, 'Refusals and failures by reason');
}

/** By rule, those with the most first. */
export function refusalsTable(scrape: Scrape): Html {
  const samples = scrape
    .samples('weir_decisions_total', { verdict: 'deny', mode: 'enforce' })
    .toSorted((a, b) => b.value - a.value)
    .slice(0, SHOWN_ROWS);
  const all = scrape.sum('weir_decisions_total', { verdict: 'deny', mode: 'enforce' });
  const rows = samples.map(({ labels: { rule }, value }) => {
    return html`<tr><td class="name">${rule === '' ? 'no rule matched' : rule}</td><td class="n">${amount(value)}</td><td>${share(value, all)}</td></tr>`;
  });
  if (rows.length === 0) return html`<p class="empty">No rule has refused anything.</p>`;
  return table(['Rule', '#Refused', 'Share'], rows, 'Refusals by rule');
}

export function policyTable({ policy }: Config, scrape: Scrape, nowMs: number): Html {
  const rows = policy.access.map((rule) => {
    const { name, allow, deny, mode = 'enforce', until, limit, owner } = rule;
    const hits = scrape.sum('weir_decisions_total', { rule: name });
    const action = deny === undefined ? html`<td class="good">allow</td>` : html`<td class="warn">deny</td>`;
    return html`<tr>${action}<td class="name">${name}</td><td class="name">${(allow ?? deny ?? []).join(' ')}</td><td>${mode}</td><td>${limit}</td>${untilCell(until, nowMs)}<td>${owner}</td><td class="n">${amount(hits)}</td></tr>`;
  });
  return table(['', 'Rule', 'ACLs', 'Mode', 'Limit', 'Until', 'Owner', '#Hits'], rows, 'Policy, in order');
}

function untilCell(until: number | undefined, nowMs: number): Html {
  if (until === undefined) return html`<td></td>`;
  const text = new Date(until).toISOString().slice(0, 16).replace('T', ' ');
  return until <= nowMs ? html`<td class="bad">${text}, over</td>` : html`<td>${text}</td>`;
}

export function limitsTable({ limits }: Config, scrape: Scrape): Html {
  const rows = Object.values(limits).map(({ name, per, requests, tunnels, bandwidth, bytesPerDay }) => {
    const most = [
      requests && `requests ${frequency(requests.perSecond)}, ${requests.burst} at once`,
      tunnels && `${tunnels} tunnels`,
      bandwidth && `${amount(bandwidth)}B/s`,
      bytesPerDay && `${amount(bytesPerDay)}B a day`,
    ];
    const hits = scrape.sum('weir_limit_hits_total', { limit: name });
    const keys = scrape.sum('weir_limit_keys', { limit: name });
    return html`<tr><td class="name">${name}</td><td>${per}</td><td>${most.filter(Boolean).join(', ')}</td><td class="n">${amount(keys)}</td><td class="n">${amount(hits)}</td></tr>`;
  });
  if (rows.length === 0) return html`<p class="empty">No limits.</p>`;
  return table(['Name', 'Per', 'At most', '#Keys', '#Hits'], rows, 'Limits');
}

/** Titles that begin with `#` are of numbers. A table may be wider than a narrow screen, and is then scrolled by keys too. */
export function table(titles: readonly string[], rows: readonly Html[], name: string): Html {
  const heads = titles.map((title) => {
    const text = title.replace('#', '');
    return title.startsWith('#')
      ? html`<th scope="col" class="n">${text}</th>`
      : html`<th scope="col">${text}</th>`;
  });
  return html`<div class="wide" tabindex="0" role="region" aria-label="${name}"><table><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
