/**
 * `node bench/micro/net/host.ts`: the canonical form of a host, for the names and addresses that requests bring. First proves
 * that each comes out as it must.
 */
import assert from 'node:assert/strict';
import { parseHost } from '#net/host.ts';
import { freshText } from '../chance.ts';
import { measure } from '../measure.ts';

const TEXTS = 1024;

/** What is parsed by its kind, made different by a number, and the canonical form of number 7. */
const KINDS: Readonly<Record<string, [make: (index: number) => string, seventh: string]>> = {
  'plain name': [(index) => `login${index}.microsoftonline.com`, 'login7.microsoftonline.com'],
  'name in capitals': [(index) => `Login${index}.MicrosoftOnline.COM`, 'login7.microsoftonline.com'],
  'name with a trailing dot': [(index) => `login${index}.microsoft.com.`, 'login7.microsoft.com'],
  'name with umlauts': [(index) => `bücher${index}.example`, 'xn--bcher7-3ya.example'],
  IPv4: [(index) => `10.128.${index >> 8}.${index & 255}`, '10.128.0.7'],
  IPv6: [(index) => `[2001:db8::${(index + 1).toString(16)}]`, '2001:db8::8'],
};

const cases = Object.entries(KINDS).map(([kind, [make, seventh]]) => {
  assert.equal(parseHost(make(7)).text, seventh);
  const texts = Array.from({ length: TEXTS }, (_, index) => freshTextOf(make(index)));
  return {
    name: `parseHost(), ${kind}`,
    call: (index: number) => parseHost(texts[index & (TEXTS - 1)] as string).text.length > 0,
  };
});

/** Only ASCII survives being made anew byte by byte. */
function freshTextOf(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? freshText(text) : text;
}

measure('canonical host', cases);
