/**
 * The one canonical form of a host, shared by parser, rules, DNS, cache key and log, so that the host judged is the host
 * dialled. Stricter than the URL standard in what it takes for an address: anything a resolver or a browser might read
 * as IPv4, but for the dotted quad, is refused rather than guessed at.
 */
import { domainToASCII } from 'node:url';
import { ProxyError } from '#errors.ts';
import { type IpAddress, parseIp } from './ip.ts';
import { quoteUntrusted } from './quote.ts';

/** A host name or an IP address. Names are lower-case A-labels without trailing dot. */
export interface Host {
  readonly kind: 'name' | 'ip';
  /** Canonical text; an IPv6 address has no brackets here. */
  readonly text: string;
  /** Set exactly where `kind` is `ip`. */
  readonly address: IpAddress | undefined;
}

const DOT = 0x2e;
const MAX_LABEL = 63;
const MAX_NAME = 253;

/** What a name may have in it that makes it other than plain: bits, so that one pass over the name gathers them all. */
const Trait = { Bad: 1, Upper: 2, Wide: 4, Hyphen: 8, EmptyLabel: 16, TooLong: 32, LastDigit: 64 } as const;

/** Traits of ASCII characters: letters, digits and underscore (not in LDH, but in use) have none. */
const CHARACTERS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[a-z0-9_]/.test(char)) return 0;
  if (char === '-') return Trait.Hyphen;
  return /[A-Z]/.test(char) ? Trait.Upper : Trait.Bad;
});

/**
 * Reads the host of an authority (RFC 3986 section 3.2.2): a name in any script, a dotted quad, or IPv6 in brackets.
 * @throws {ProxyError} request_malformed
 */
export function parseHost(text: string): Host {
  if (text.startsWith('[')) return parseBracketed(text);
  const name = withoutTrailingDot(text);
  const traits = traitsOf(name);
  // Nearly every name is plain and is its own canonical form.
  return traits === 0 ? { kind: 'name', text: name, address: undefined } : parseOddName(text, traits);
}

/** Reads any text without brackets; `traits` are those of the text without its trailing dot. */
function parseOddName(text: string, traits: number): Host {
  if ((traits & Trait.Bad) !== 0) throw malformed(text, 'it has a character that no host name has');
  const isWide = (traits & Trait.Wide) !== 0;
  const lower = text.toLowerCase();
  const name = withoutTrailingDot(isWide || lower.includes('xn--') ? toAscii(text, lower) : lower);
  const canonical = traitsOf(name);
  if ((canonical & Trait.EmptyLabel) !== 0) throw malformed(text, 'it has an empty label');
  if ((canonical & Trait.TooLong) !== 0) {
    throw malformed(text, `a label has more than ${MAX_LABEL} characters, or the name more than ${MAX_NAME}`);
  }
  if ((canonical & Trait.LastDigit) === 0 || !endsInNumber(name)) {
    return { kind: 'name', text: name, address: undefined };
  }
  const address = isWide || name !== lower ? undefined : parseIp(name);
  if (address === undefined) throw malformed(text, 'an IPv4 address is written as four decimal numbers');
  return hostOf(address);
}

/** The host that is this address. */
export function hostOf(address: IpAddress): Host {
  return { kind: 'ip', text: address.text, address };
}

function parseBracketed(text: string): Host {
  const inner = text.endsWith(']') ? text.slice(1, -1) : '';
  const address = inner.includes(':') ? parseIp(inner) : undefined;
  if (address === undefined) throw malformed(text, 'there is no IPv6 address between the brackets');
  return hostOf(address);
}

function withoutTrailingDot(text: string): string {
  return text.charCodeAt(text.length - 1) === DOT ? text.slice(0, -1) : text;
}

/** Everything about a name that needs a second look; 0 for a name that needs none. */
function traitsOf(name: string): number {
  let traits = name.length > MAX_NAME ? Trait.TooLong : 0;
  let start = 0;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (code === DOT) {
      traits |= traitsOfLabel(i - start);
      start = i + 1;
    } else {
      traits |= code < 128 ? (CHARACTERS[code] as number) : Trait.Wide;
    }
  }
  const first = name.charCodeAt(start);
  return traits | traitsOfLabel(name.length - start) | (first >= 0x30 && first <= 0x39 ? Trait.LastDigit : 0);
}

/** RFC 1035 section 2.3.4. */
function traitsOfLabel(length: number): number {
  if (length === 0) return Trait.EmptyLabel;
  return length > MAX_LABEL ? Trait.TooLong : 0;
}

/** A-labels by UTS 46, non-transitional; only for names without bad ASCII, which the function used would interpret. */
function toAscii(text: string, lower: string): string {
  const ascii = domainToASCII(lower);
  // Some symbols map to punctuation: U+3200 becomes a letter in parentheses.
  if (ascii === '' || (traitsOf(ascii) & (Trait.Bad | Trait.Upper | Trait.Wide)) !== 0) {
    throw malformed(text, 'it is no valid internationalised name');
  }
  return ascii;
}

/** Whether the URL standard takes the name for an IPv4 address, well-formed or not: its last label is a number. */
function endsInNumber(name: string): boolean {
  return /^(?:\d+|0x[0-9a-f]*)$/.test(name.slice(name.lastIndexOf('.') + 1));
}

function malformed(text: string, fault: string): ProxyError {
  return new ProxyError('request_malformed', {
    detail: `Cannot read host ${quoteUntrusted(text)}: ${fault}`,
  });
}
