/** The form that asks the policy in force, by the very logic of `weir explain`. No name is looked up and nothing is dialled. */
import { cacheTerms } from '#study/cache-terms.ts';
import type { Explanation } from '#study/explain.ts';
import type { InForce, Tier } from '#study/tier.ts';
import { type Html, html } from './html.ts';
import { table } from './tables.ts';

/** Longer is no question. */
const MAX_FIELD_CHARS = 300;
const FIELDS = [
  ['target', 'Target', 'login.microsoft.com:443'],
  ['src', 'Client address', '10.128.0.7'],
  ['namespace', 'Namespace', ''],
  ['label', 'Pod label', 'app=api'],
  ['user', 'User', ''],
  ['at', 'At', '2026-11-23T10:00+08:00'],
] as const;
type Field = (typeof FIELDS)[number][0];
const REQUIRED: ReadonlySet<Field> = new Set(['target', 'src']);
const VERDICTS = { allow: 'allowed', deny: 'denied', 'needs-address': 'depends on the address' } as const;

export type Asked = Readonly<Partial<Record<Field, string>>>;

/** What a query asks; empty fields are not asked. */
export function askedIn(query: URLSearchParams): Asked {
  const given = FIELDS.map(([name]) => [
    name,
    query
      .get(name)
      ?.trim()
      .slice(0, MAX_FIELD_CHARS + 1),
  ]);
  return Object.fromEntries(given.filter(([, value]) => value));
}

/** Whether a query has a question: one whose fields are all empty is one that cannot be answered. */
export function isQuestion(query: URLSearchParams): boolean {
  return FIELDS.some(([name]) => query.has(name));
}

export class Explainer {
  readonly #inForce: () => InForce;
  /** Where this process serves nobody, what serves is compiled here, once for each configuration. */
  #compiled: Tier | undefined = undefined;

  constructor(inForce: () => InForce) {
    this.#inForce = inForce;
  }

  /** @throws {Error} naming what of the question cannot be read, and the fix */
  async explain(asked: Asked): Promise<Explanation> {
    requireAll(asked);
    const long = FIELDS.find(([name]) => (asked[name]?.length ?? 0) > MAX_FIELD_CHARS);
    if (long !== undefined)
      throw new Error(`${long[1]} is too long, write at most ${MAX_FIELD_CHARS} characters`);
    // What explains is loaded with the first question.
    const { explain } = await import('#study/explain.ts');
    const { parseInstant } = await import('#match/instant.ts');
    const { target = '', src: ip = '', namespace, user, label, at: time } = asked;
    const at = time === undefined ? undefined : parseInstant(time);
    const question = { ip, target, namespace, user, podLabels: labelIn(label), at };
    return await explain({ first: await this.#tier(), question, names: 'unknown' });
  }

  async #tier(): Promise<Tier> {
    const { tierInForce } = await import('#study/tier.ts');
    const inForce = this.#inForce();
    if (inForce.policy !== undefined) return tierInForce(inForce);
    if (this.#compiled?.config !== inForce.config) this.#compiled = tierInForce(inForce);
    return this.#compiled as Tier;
  }
}

/** @throws {Error} naming the first that is missing */
function requireAll(asked: Asked): void {
  const missing = FIELDS.find(([name]) => REQUIRED.has(name) && asked[name] === undefined);
  if (missing !== undefined) throw new Error(`${missing[1]} is missing, write one such as ${missing[2]}`);
}

function labelIn(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const at = text.indexOf('=');
  if (at <= 0) throw new Error('Pod label has no "=" behind a name, write one such as app=api');
  return { [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}

export function explainForm(asked: Asked): Html {
  const fields = FIELDS.map(([name, title, example]) => {
    const required = REQUIRED.has(name) ? html` required` : undefined;
    return html`<label>${title}<input name="${name}" value="${asked[name] ?? ''}" placeholder="${example}" maxlength="${MAX_FIELD_CHARS}" autocomplete="off" spellcheck="false"${required}></label>`;
  });
  return html`<form action="explain" method="get">${fields}<div><button>Explain</button></div></form>`;
}

export function explanationTable({ verdict, status, hops: [hop] }: Explanation): Html {
  const tone = { allow: 'good', deny: 'bad', 'needs-address': 'warn' }[verdict];
  const rows = (hop?.trace.rules ?? []).map(({ rule, action, matched, because, literals }) => {
    const mark =
      literals.length === 0 ? '–' : ({ true: 'yes', false: 'no', null: '?' } as const)[`${matched}`];
    const decides = hop?.trace.rule?.name === rule ? html` class="decides"` : undefined;
    return html`<tr${decides}><td>${mark}</td><td>${action}</td><td class="name">${rule}</td><td class="because">${because}</td></tr>`;
  });
  const by = hop?.trace.rule === undefined ? '' : ` by rule ${hop.trace.rule.name}`;
  const route = hop?.route === undefined ? '' : `, route ${hop.route.name}`;
  const seen = beneath(status && `The client sees ${status}`);
  const cache = beneath(hop && cacheTerms(hop));
  return html`<p class="verdict" role="status"><strong class="${tone}">${VERDICTS[verdict]}</strong>${by}${route}${seen}${cache}</p>${table(['Holds', '', 'Rule', 'Because'], rows, 'Rules, in order')}`;
}

function beneath(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<br><span class="dim">${text}</span>`;
}
