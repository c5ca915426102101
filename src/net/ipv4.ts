/**
 * IPv4 text to one 32-bit word and back. Only the strict dotted quad counts: four decimal numbers without leading
 * zeros. Whatever else resolvers take for an address (octal, hexadecimal, fewer parts) is not one here.
 */

const DOT = 0x2e;
const ZERO = 0x30;

/** The address as a number from 0 to 2^32 - 1, or -1 where `text` is no dotted quad. */
export function parseIpv4(text: string): number {
  if (text.length > 15) return -1;
  let word = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === DOT && octet >= 0) {
      word = word * 256 + octet;
      octet = -1;
      dots += 1;
    } else {
      octet = appendDigit(octet, code - ZERO);
      if (octet < 0) return -1;
    }
  }
  return dots === 3 && octet >= 0 ? word * 256 + octet : -1;
}

/** The octet with one more digit; -1 where that is no digit, follows a leading zero, or makes more than 255. */
function appendDigit(octet: number, digit: number): number {
  if (digit < 0 || digit > 9 || octet === 0) return -1;
  const value = octet < 0 ? digit : octet * 10 + digit;
  return value > 255 ? -1 : value;
}

/** Dotted quad of a 32-bit word, signed or not. */
export function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}
