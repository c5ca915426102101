/**
 * Pieces of lines of JSON, and the time of a record, for the renderings. All of it is on the hot path: a piece is one text,
 * made of a key that its caller has written out and of a value that is looked at only where it comes from outside. What leaves
 * is printable ASCII.
 */
import { threeDecimals } from '#net/three-decimals.ts';

/** Of a URL in a record. */
export const MAX_URL = 2048;
/** Of any other text in a record. */
export const MAX_TEXT = 512;
/** Printable ASCII that JSON takes as it is: no quote, no backslash, no DEL. */
const PLAIN = /^[ !#-[\]-~]*$/;
const NOT_PRINTABLE_ASCII = /[^ -~]/g;

/** Texts that were found plain, by their length: nearly all of what lines say has been said before. */
const foundPlain: string[] = new Array(64).fill('');

/** Whether JSON's text of `value` is the value between two quotes, whole. */
export function isPlain(value: string): boolean {
  return value.length <= MAX_TEXT && hasNothingToEscape(value);
}

function hasNothingToEscape(value: string): boolean {
  const place = value.length % foundPlain.length;
  if (foundPlain[place] === value) return true;
  if (!PLAIN.test(value)) return false;
  foundPlain[place] = value;
  return true;
}

/** A value that cannot hold anything to escape; `key` brings the opening quote. Nothing where there is no value. */
export function name(key: string, value: string | undefined): string {
  return value === undefined ? '' : `${key}${value}"`;
}

/** A value of any text. Nothing where there is no value. */
export function text(key: string, value: string | undefined): string {
  return value === undefined ? '' : key + quote(value);
}

/** A value with three decimals. Nothing where there is no value. */
export function number(key: string, value: number | undefined): string {
  return value === undefined ? '' : key + threeDecimals(value);
}

/** JSON's text of `value`; what is cut ends with an ellipsis. */
export function quote(value: string, max = MAX_TEXT): string {
  const capped = value.length > max ? `${value.slice(0, max)}…` : value;
  return hasNothingToEscape(capped)
    ? `"${capped}"`
    : JSON.stringify(capped).replace(NOT_PRINTABLE_ASCII, escapeUnit);
}

/** As {@link quote}, of what is seldom said twice. */
export function quoteOnce(value: string): string {
  return value.length <= MAX_TEXT && PLAIN.test(value) ? `"${value}"` : quote(value);
}

/** The elements of a list, without its brackets. */
export function quoteAll(texts: readonly string[]): string {
  return texts.map((one) => quote(one)).join(',');
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Three digits of each number below 1000. */
const DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

/** Three digits of a number below 1000. */
export function threeDigits(n: number): string {
  return DIGITS[n] as string;
}

let second = Number.NaN;
let secondText = '';

/** RFC 3339, UTC, milliseconds. Records of one second share all but the last four characters. */
export function timeOf(timeMs: number): string {
  const whole = Math.floor(timeMs);
  const millisecond = whole % 1000;
  if (whole - millisecond !== second) {
    second = whole - millisecond;
    secondText = new Date(second).toISOString().slice(0, -4);
  }
  return `${secondText}${threeDigits(millisecond)}Z`;
}
