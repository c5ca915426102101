/** The tables of the page, each from the configuration in force and one scrape. Names of clients and hosts are in none. */
import type { Config } from '#config/config.ts';
import { REASONS } from '#errors.ts';
import type { Scrape } from './exposition.ts';
import { type Html, html } from './html.ts';
import { amount, frequency, share } from './numbers.ts';

/** Of refusals and of failures. */
const SHOWN_ROWS = 12;

export function peersTable({ peers }: Config, scrape: Scrape): Html {
  const rows = Object.values(peers).map(({ name, address, hop, tls, weight }) => {
    const of = (metric: string): number => scrape.sum(metric, { peer: name });
    const kind = [hop ? 'Weir' : 'proxy', ...(tls === undefined ? [] : ['TLS'])].join(', ');
    return html`<tr><td class="name">${name}</td>${stateOf(scrape, name)}<td class="name">${address.text}</td><td>${kind}</td><td class="n">${weight}</td><td class="n">${amount(of('weir_peer_tunnels'))}</td><td class="n">${amount(of('weir_peer_failures_total'))}</td></tr>`;
  });
  if (rows.length === 0) return html`<p class="empty">No peers: whatever passes goes out directly.</p>`;
  return table(['Name', 'State', 'Address', 'Kind', '#Weight', '#Tunnels', '#Failures'], rows, 'Peers');
}

/** What is wrong with a peer, by the gauge that says so and its value then. */
const TROUBLES = [
  ['weir_peer_up', 0, 'down', 'bad'],
  ['weir_peer_reachable', 0, 'unreachable by probe', 'bad'],
  ['weir_peer_authorised', 0, 'refuses us', 'bad'],
  ['weir_peer_egress', 0, 'egress failing', 'bad'],
  ['weir_peer_ejected', 1, 'ejected', 'warn'],
] as const;

/** All that is wrong with it, since one does not follow from another: one that is ejected or leads nowhere is up. */
function stateOf(scrape: Scrape, peer: string): Html {
  if (scrape.samples('weir_peer_up', { peer }).length === 0) return html`<td class="dim">not known</td>`;
  const wrong = TROUBLES.filter(([metric, value]) => scrape.samples(metric, { peer })[0]?.value === value);
  if (wrong.length === 0) return html`<td class="good">up</td>`;
  const said = wrong.map(
    ([, , text, tone], at) => html`${at === 0 ? '' : ', '}<span class="${tone}">${text}</span>`,
  );
  return html`<td class="wrap">${said}</td>`;
}

/** By rule and reason together, those with the most first. */
export function refusalsTable(scrape: Scrape): Html {
  const all = scrape.sum('weir_refusals_total');
  const rows = most(scrape.samples('weir_refusals_total')).map(
    ({ labels: { rule = '', reason = '' }, value }) => {
      return html`<tr>${ruleCell(rule)}<td class="name">${reason}</td><td class="dim">${phraseOf(reason)}</td><td class="n">${amount(value)}</td><td>${share(value, all)}</td></tr>`;
    },
  );
  if (rows.length === 0) return html`<p class="empty">Nothing was refused.</p>`;
  return table(['Rule', 'Reason', '', '#Refused', 'Share'], rows, 'Refusals by rule and reason');
}

function ruleCell(rule: string): Html {
  if (rule === 'default') return html`<td class="dim">no rule matched</td>`;
  return rule === '' ? html`<td class="dim">before any rule</td>` : html`<td class="name">${rule}</td>`;
}

/** Those with the most first. */
export function failuresTable(scrape: Scrape): Html {
  const samples = scrape.samples('weir_requests_total', { outcome: 'failed' });
  const byReason = Map.groupBy(samples, ({ labels: { reason } }) => String(reason));
  const counted = [...byReason].map(([reason, of]) => {
    return { reason, value: of.reduce((sum, { value }) => sum + value, 0) };
  });
  const all = scrape.sum('weir_requests_total', { outcome: 'failed' });
  const rows = most(counted).map(({ reason, value }) => {
    return html`<tr><td class="name">${reason}</td><td class="dim">${phraseOf(reason)}</td><td class="n">${amount(value)}</td><td>${share(value, all)}</td></tr>`;
  });
  if (rows.length === 0) return html`<p class="empty">Nothing failed.</p>`;
  return table(['Reason', '', '#Failed', 'Share'], rows, 'Failures by reason');
}

function phraseOf(reason: string): string {
  return Object.hasOwn(REASONS, reason) ? REASONS[reason as keyof typeof REASONS].phrase : '';
}

/** Those that are not 0, and no more than are shown. */
function most<T extends { readonly value: number }>(counted: readonly T[]): readonly T[] {
  return counted
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value)
    .slice(0, SHOWN_ROWS);
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
