/**
 * Takes out of a URL what must never be written down: user information, query and fragment. Works on the text as it was
 * sent, because a URL parser would refuse or repair exactly the odd ones that an auditor wants to see.
 */

/** What a scheme and its slashes look like; `user:password@host` is no scheme, since no slash follows. */
const BEFORE_AUTHORITY = /^(?:[a-z][a-z0-9+.-]*:(?=[/\\]))?[/\\]*/i;

/**
 * The URL without its user information, its query replaced by `?[redacted]` and its fragment dropped. Never throws; of
 * text that is no URL it rather takes too much than too little.
 */
export function redactUrl(url: string): string {
  const withoutFragment = until(url, url.indexOf('#'));
  const query = withoutFragment.indexOf('?');
  const hierarchy = withoutUser(until(withoutFragment, query));
  return query < 0 ? hierarchy : `${hierarchy}?[redacted]`;
}

/** A backslash ends an authority for some parsers and not for others, so an `@` behind one counts as well. */
function withoutUser(hierarchy: string): string {
  if (!hierarchy.includes('@')) return hierarchy;
  const start = hierarchy.length - hierarchy.replace(BEFORE_AUTHORITY, '').length;
  const slash = hierarchy.indexOf('/', start);
  const end = slash < 0 ? hierarchy.length : slash;
  const at = hierarchy.lastIndexOf('@', end);
  return at < start ? hierarchy : hierarchy.slice(0, start) + hierarchy.slice(at + 1);
}

function until(text: string, index: number): string {
  return index < 0 ? text : text.slice(0, index);
}
