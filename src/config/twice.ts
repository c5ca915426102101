/** What a list has twice. */

/** The first text that was there before; undefined: none was. */
export function firstTwice(texts: Iterable<string>): string | undefined {
  const seen = new Set<string>();
  for (const text of texts) {
    if (seen.has(text)) return text;
    seen.add(text);
  }
  return undefined;
}
