/**
 * `Server-Timing` on the answer that opens a tunnel: where the time went at the hop that gives it, told to the hop before. Read strictly,
 * and not at all where anything of it is not as we write it: it is for records, and nothing else depends on it.
 */
import { type RawHeaders, valuesOf } from '#net/headers.ts';
import { threeDecimals } from '#net/three-decimals.ts';

/** In milliseconds; undefined: it did not happen. */
export interface Phases {
  readonly dnsMs: number | undefined;
  readonly connectMs: number | undefined;
}

/** A day, in milliseconds, has eight digits. */
const MS = String.raw`(\d{1,8}(?:\.\d{1,3})?)`;
const FIELD = new RegExp(`^(?:dns;dur=${MS}, connect;dur=${MS}|dns;dur=${MS}|connect;dur=${MS})$`);

/** The value of the field; undefined where there is nothing to tell. */
export function renderServerTiming({ dnsMs, connectMs }: Phases): string | undefined {
  const dns = dnsMs === undefined ? undefined : `dns;dur=${threeDecimals(dnsMs)}`;
  const connect = connectMs === undefined ? undefined : `connect;dur=${threeDecimals(connectMs)}`;
  return dns === undefined || connect === undefined ? (dns ?? connect) : `${dns}, ${connect}`;
}

/** Undefined where there is none, more than one, or one that we would not write. */
export function readServerTiming(headers: RawHeaders): Phases | undefined {
  const [value, ...more] = valuesOf(headers, 'server-timing');
  if (value === undefined || more.length > 0) return undefined;
  const parts = FIELD.exec(value);
  return parts === null
    ? undefined
    : { dnsMs: numberIn(parts[1] ?? parts[3]), connectMs: numberIn(parts[2] ?? parts[4]) };
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
