/**
 * Untrusted text for error details, which end in logs: one line, bounded, and without the credentials that a client may
 * have put in front of an "@".
 */

const MAX_LENGTH = 100;

/** The text in double quotes, control characters escaped, cut after 100 characters, user information left out. */
export function quoteUntrusted(text: string): string {
  const at = text.lastIndexOf('@');
  const shown = at < 0 ? text : `...${text.slice(at)}`;
  return JSON.stringify(shown.length > MAX_LENGTH ? `${shown.slice(0, MAX_LENGTH)}...` : shown);
}
