/** What is not to be used any more after a request that may have changed it (RFC 9111 section 4.4). */
import { type RawHeaders, valuesOf } from '#net/headers.ts';

/** URLs that an answer to an unsafe request takes out of the cache: its own, and those it names, of the same origin. */
export function invalidatedBy(
  url: string,
  { status, headers }: { readonly status: number; readonly headers: RawHeaders },
): string[] {
  if (status < 200 || status >= 400) return [];
  const named = [...valuesOf(headers, 'location'), ...valuesOf(headers, 'content-location')];
  const origin = originOf(url);
  return [url, ...named.flatMap((text) => resolve(text, url, origin) ?? [])];
}

function originOf(url: string): string {
  return url.slice(0, url.indexOf('/', 'http://'.length));
}

/** Bytes of a path stay as they are, since they are in what is kept; `URL` would write some anew. */
function resolve(text: string, base: string, origin: string): string | undefined {
  if (text.startsWith('/') && !text.startsWith('//')) return origin + withoutFragment(text);
  if (!URL.canParse(text, base)) return undefined;
  const { origin: named, pathname, search } = new URL(text, base);
  return named === origin ? origin + pathname + search : undefined;
}

function withoutFragment(text: string): string {
  return text.replace(/#.*/s, '');
}
