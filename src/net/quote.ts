/**
 * Untrusted text for error details, which end in logs. A client that was told a wrong proxy address sends its credentials
 * and tokens wherever a host is expected, so no more is shown than what can be a host and a port. Of text with an "@"
 * neither side is: nobody can tell which one is the secret.
 */

const MAX_LENGTH = 100;

/** A host, perhaps in brackets, and a port where nothing follows it. */
const HOST_AND_PORT = /^(?:\[[\da-f:.]*\]?|[\w.\-\u0080-\uffff]*)(?::\d{1,5}$)?/i;

/**
 * The text in double quotes, up to the first character that neither a host nor a port has, which is shown too: it is what
 * is wrong. Of the rest the length is told: `"example.com/[12 characters]"`.
 */
export function quoteUntrusted(text: string): string {
  const at = text.indexOf('@');
  if (at >= 0) return `"${hidden(at)}@${hidden(text.length - at - 1)}"`;
  const length = text.length - text.replace(HOST_AND_PORT, '').length;
  const shown = text.slice(0, Math.min(length + 1, MAX_LENGTH));
  return JSON.stringify(`${shown}${hidden(text.length - shown.length)}`);
}

function hidden(length: number): string {
  return length === 0 ? '' : `[${length} characters]`;
}
