/**
 * The status page of the admin address: what a scrape, the configuration in force and readiness say, in one HTML page without script.
 * With workers it is one for the host, because the scrape is. It shows nothing that clients name.
 */
import type { Config } from '#config/config.ts';
import type { InForce } from '#study/tier.ts';
import { type Asked, askedIn, Explainer, explainForm, explanationTable, isQuestion } from './explain-form.ts';
import { Scrape } from './exposition.ts';
import { type Html, html } from './html.ts';
import { amount, duration } from './numbers.ts';
import { type Counts, countsIn, Rates } from './rates.ts';
import { CONTENT_SECURITY_POLICY, STYLE } from './style.ts';
import { failuresTable, limitsTable, peersTable, policyTable, refusalsTable } from './tables.ts';

export interface Sources {
  /** The configuration, with what was compiled of it where this process has it. */
  readonly inForce: () => InForce;
  readonly health: () => { readonly ready: boolean; readonly reasons: readonly string[] };
  readonly scrape: () => Promise<string>;
}

export interface Page {
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Seconds between two views of a page that asks for that. */
const REFRESH_S = 5;

export class StatusPage {
  readonly #sources: Sources;
  readonly #explainer: Explainer;
  readonly #rates = new Rates();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#explainer = new Explainer(sources.inForce);
  }

  /** The page; with `?live` it comes again by itself. */
  async overview(query: URLSearchParams): Promise<Page> {
    const { config } = this.#sources.inForce();
    const isLive = query.has('live');
    const scrape = new Scrape(await this.#sources.scrape());
    const nowMs = Date.now();
    const rates = this.#rates.look(countsIn(scrape), nowMs);
    const body = html`${this.#head(config, nowMs, isLive)}<main>${now(scrape, rates)}<div class="grid">
<section><h2>Peers</h2>${peersTable(config, scrape)}</section>
<section><h2>Refusals by rule and reason</h2>${refusalsTable(scrape)}</section>
<section><h2>Failures by reason</h2>${failuresTable(scrape)}</section>
<section><h2>Limits</h2>${limitsTable(config, scrape)}</section>
<section class="full"><h2>Policy, in order; the first rule that holds decides</h2>${policyTable(config, scrape, nowMs)}</section>
<section class="full"><h2>Explain: what would the policy say?</h2>${explainForm({})}</section>
</div></main>${foot(config, scrape, nowMs)}`;
    return pageOf(`${config.name} · Weir`, body, isLive);
  }

  /** The form with its answer. */
  async explanation(query: URLSearchParams): Promise<Page> {
    const { config } = this.#sources.inForce();
    const asked = askedIn(query);
    const answer = isQuestion(query) ? await answerTo(this.#explainer, asked) : { status: 200, text: html`` };
    const body = html`${this.#head(config, Date.now(), false)}<main><section><h2>Explain: what would the policy say?</h2>${explainForm(asked)}${answer.text}</section></main><footer>Nothing is dialled, and no name is looked up: <code>weir explain</code> has more to ask with. <a href="status">Back to the status</a></footer>`;
    return { ...pageOf(`Explain · ${config.name} · Weir`, body, false), status: answer.status };
  }

  #head({ name }: Config, nowMs: number, isLive: boolean): Html {
    const { ready, reasons } = this.#sources.health();
    const state = ready
      ? html`<span class="state good">ready</span>`
      : html`<span class="state bad">not ready</span>: ${reasons.join(', ')}`;
    const time = new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ');
    const link = isLive
      ? html`<a href="status">Stop</a>`
      : html`<a href="status?live">Every ${REFRESH_S} s</a>`;
    return html`<header><h1>${name} <small>Weir</small></h1><p>${state}</p><p>${time} UTC · ${link}</p></header>`;
  }
}

async function answerTo(explainer: Explainer, asked: Asked): Promise<{ status: number; text: Html }> {
  try {
    return { status: 200, text: explanationTable(await explainer.explain(asked)) };
  } catch (error) {
    return { status: 400, text: html`<p class="verdict bad" role="alert">${(error as Error).message}</p>` };
  }
}

function now(scrape: Scrape, rates: Counts | undefined): Html {
  const tile = (title: string, value: Html | string): Html =>
    html`<div><dt>${title}</dt><dd>${value}</dd></div>`;
  const rate = (value: number | undefined, unit: string): Html =>
    value === undefined
      ? html`– <small>with the next view</small>`
      : html`${amount(value)} <small>${unit}</small>`;
  return html`<dl class="now">${[
    tile('Open tunnels', amount(scrape.sum('weir_tunnels_open'))),
    tile('Connections of clients', amount(scrape.sum('weir_connections_open'))),
    tile('Requests', rate(rates?.requests, '/s')),
    tile('Refusals', rate(rates?.refusals, '/s')),
    tile('Failures', rate(rates?.failures, '/s')),
    tile('Traffic', rate(rates?.bytes, 'B/s')),
  ]}</dl>`;
}

function foot({ hash }: Config, scrape: Scrape, nowMs: number): Html {
  const reloads = (result: string): number => scrape.sum('weir_reloads_total', { result });
  const failed = reloads('failure');
  const faults =
    failed === 0 ? html`none failed` : html`<span class="bad">${failed} failed, see the log</span>`;
  const starts = scrape.samples('process_start_time_seconds').map(({ value }) => value);
  const up = starts.length === 0 ? '' : `Up ${duration(nowMs - 1000 * Math.min(...starts))}. `;
  return html`<footer>${up}Policy ${hash}; ${reloads('success')} reloads, ${faults}. Counts are of what has ended, since the start. <a href="metrics">Metrics</a> · <a href="explain">Explain</a></footer>`;
}

function pageOf(title: string, body: Html, isLive: boolean): Page {
  const refresh = isLive ? html`<meta http-equiv="refresh" content="${REFRESH_S}">` : undefined;
  // The style is written as it is: its hash is that of the text.
  const { text } =
    html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">${refresh}<title>${title}</title><style></style></head><body>${body}</body></html>\n`;
  return {
    status: 200,
    body: text.replace('<style></style>', () => `<style>${STYLE}</style>`),
    type: 'text/html; charset=utf-8',
    headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY, 'Referrer-Policy': 'no-referrer' },
  };
}
