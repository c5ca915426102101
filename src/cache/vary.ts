/** What an answer says that it was chosen by (RFC 9111 section 4.1), and whether another request would have chosen the same. */
import { listOf, type RawHeaders, tokensOf } from '#net/headers.ts';

/** Of these, case has no meaning. */
const CASELESS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'accept-charset',
]);

/** What the next hop gets of these is this hop's to write, for each client anew: no two requests are known to say the same. */
const WRITTEN_HERE = ['*', 'forwarded', 'weir-identity', 'weir-transaction'];

/** Lower case, each once, in an order of their own; undefined where no request can be known to choose the same. */
export function varyingBy(headers: RawHeaders): readonly string[] | undefined {
  const names = tokensOf(headers, 'vary');
  if (WRITTEN_HERE.some((name) => names.includes(name))) return undefined;
  return [...new Set(names)].sort();
}

/** What a request says in the fields of these names; equal for requests that say the same. */
export function selectionOf(names: readonly string[], headers: RawHeaders): string {
  return names.map((name) => normal(name, listOf(headers, name))).join('\n');
}

/** A field that is missing is not one that is empty. */
function normal(name: string, value: string | undefined): string {
  if (value === undefined) return '-';
  const text = value
    .split(',')
    .map((part) => part.trim())
    .join(',');
  return `=${CASELESS.has(name) ? text.toLowerCase() : text}`;
}
