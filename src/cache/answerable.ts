/** Which requests a cache may answer (RFC 9111 section 4), and which may change what it keeps, by their heads. */
import { FieldNames, isNamed, type RawHeaders } from '#net/headers.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Whether it may change something: any method that is not known to be safe. */
export function isUnsafe(method: string): boolean {
  return !SAFE.has(method);
}

/** What a cache does with a request: the last two pass it by, and the last takes out what is kept of the URL. */
type CacheUse = 'answer' | 'bypass' | 'invalidate';

/** Of a request whose rule has a cache; `upgrade` is the protocol that it switches to, where its rule lets it. */
export function cacheUse(method: string, headers: RawHeaders, upgrade: string | undefined): CacheUse {
  if (isUnsafe(method)) return 'invalidate';
  return upgrade === undefined && isAnswerable(method, headers) ? 'answer' : 'bypass';
}

/** Fields of a request that is more than its head, or wants a word before it sends the rest. */
const MORE = new FieldNames(['expect', 'trailer', 'transfer-encoding', 'content-length']);

/** Whether it only reads, by its head alone. One that is to switch protocols is for its rule to say. */
export function isAnswerable(method: string, headers: RawHeaders): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (MORE.has(name) && !isNoBody(name, headers[i + 1] as string)) return false;
  }
  return true;
}

function isNoBody(name: string, value: string): boolean {
  return isNamed(name, 'content-length') && !(Number(value) > 0);
}
