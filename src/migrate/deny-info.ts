/**
 * `deny_info`: what Squid says to those whom an ACL refused that stands last in its line. Weir says one line of text, so that an
 * address to go to can be said; pages of Squid's are HTML with codes, and for a person to put into a sentence.
 */
import type { Draft, RuleDraft } from './draft.ts';
import type { Tell } from './finding.ts';
import { type Statement, textsOf, wordAt } from './statement.ts';

/** A redirection, with or without a status; nothing that Squid fills in, and nobody's password. */
const PLAIN_URL = /^(?:30\d:)?(?<url>https?:\/\/[^\s%@]{1,400})$/;

/** Puts messages into the rules. */
export function translateDenyInfo(lines: readonly Statement[], draft: Draft, tell: Tell): void {
  for (const line of lines) {
    const acls = textsOf(line, 1).map((name) => name.toLowerCase());
    const rules = draft.access.filter(
      ({ action, last = '' }) => action === 'deny' && acls.includes(last.toLowerCase()),
    );
    if (rules.length === 0) tell(line, 'dropped', 'No rule that denies ends with its ACL');
    else translate(line, rules, { draft, tell });
  }
}

function translate(
  line: Statement,
  rules: readonly RuleDraft[],
  { draft, tell }: { draft: Draft; tell: Tell },
): void {
  const what = wordAt(line, 0);
  const url = PLAIN_URL.exec(what)?.groups?.url;
  const names = rules.map(({ name }) => `"${name}"`).join(', ');
  if (url === undefined) {
    tell(line, 'changed', `${whyNot(what)} Rules: ${names}`);
    return;
  }
  for (const rule of rules)
    draft.access[draft.access.indexOf(rule)] = { ...rule, message: rule.message ?? `See ${url}` };
  tell(line, 'changed', `Weir redirects nobody; it says the address in the message of ${names}`);
}

function whyNot(what: string): string {
  if (what === 'TCP_RESET') return 'Weir answers 403 where Squid resets the connection.';
  if (/^(?:30\d:)?https?:/.test(what))
    return 'The address has codes that Squid fills in, or credentials, and is no message; write one.';
  return 'The page is a file of HTML with codes of Squid, and a message is one line of text; write one.';
}
