/** Schema of the keys of an ACL that ask what is wanted, of whom, and when. */
import { z } from 'zod';
import { parseDomainPattern } from '#match/domains.ts';
import { LONGEST_HOST, LONGEST_URL } from '#match/expressions.ts';
import { LONGEST_VALUE, parseFieldWishes } from '#match/fields.ts';
import { boundPatterns, parsePattern } from '#match/patterns.ts';
import { parsePortRange } from '#match/ports.ts';
import { parseScheme } from '#match/words.ts';
import { METHODS } from '#net/methods.ts';
import { nearest } from './nearest.ts';
import { time } from './schema-time.ts';
import { key, list, networks, parsed } from './schema-values.ts';

const domainList = list(parsed(z.string(), parseDomainPattern));

const domains = z.union([
  domainList,
  z.strictObject({
    file: key(
      z.string().min(1),
      'File with one domain per line; `#` begins a comment, empty lines are skipped',
      'domains.txt',
    ),
  }),
]);

/** Patterns that are held against texts of at most `longest` characters. */
function patternList(longest: number) {
  return parsed(list(parsed(z.string(), parsePattern)), (patterns) => boundPatterns(patterns, longest));
}

function patterns(longest: number) {
  return z.union([
    patternList(longest),
    z.strictObject({
      file: key(
        z.string().min(1),
        'File with one pattern on each line; `#` at its start makes a line a comment, empty lines are skipped',
        'patterns.txt',
      ),
    }),
  ]);
}

const fieldWish = z.union([
  patternList(LONGEST_VALUE).transform((found) => ({ patterns: found })),
  z.strictObject({
    present: key(z.literal(true), 'The field is there, whatever its value', 'true'),
  }),
]);

/** Methods are case-sensitive (RFC 9110 section 9.1). */
const method = parsed(z.string().meta({ enum: [...METHODS] }), (text) => {
  if (METHODS.includes(text)) return text;
  const guess = nearest(text, METHODS);
  const cure = guess === undefined ? 'write one that clients send, such as GET or CONNECT' : `write ${guess}`;
  throw new Error(`Method "${text}" is unknown, ${cure}`);
});

/** Keys of an ACL. */
export const requestKeys = {
  dst: key(
    networks.optional(),
    'Resolved address of the destination; judged for each address of a name',
    '[20.190.128.0/18]',
  ),
  dstDomains: key(
    domains.optional(),
    'Name of the destination: `x.com` itself, `.x.com` itself and everything under it, `*.x.com` only what is under it',
    '[.microsoft.com]',
  ),
  dstDomainRegex: key(
    patterns(LONGEST_HOST).optional(),
    'Patterns found in the name of the destination, in any case',
    String.raw`['^api-\d+\.example\.com$']`,
  ),
  urlRegex: key(
    patterns(LONGEST_URL).optional(),
    'Patterns found in the URL of plain HTTP, query included; unknown for a CONNECT',
    "['^http://[^/]+/public/']",
  ),
  ports: key(
    list(parsed(z.union([z.number(), z.string()]), parsePortRange)).optional(),
    'Port of the destination: numbers and ranges',
    '[80, 443, 1025-65535]',
  ),
  methods: key(
    list(method).optional(),
    'Method of the request, in capitals; TRACE is allowed only by a rule with an ACL that names it',
    '[CONNECT]',
  ),
  schemes: key(
    list(parsed(z.string(), parseScheme)).optional(),
    'Scheme of the request target, which is `http` for plain HTTP; a CONNECT has none and never matches',
    '[http]',
  ),
  headers: key(
    parsed(z.record(z.string(), fieldWish), parseFieldWishes).optional(),
    'Fields of the request, by name in any case: patterns of which one is found in the value, or that the field is there. All fields must match',
    "{ user-agent: ['^curl/'] }",
  ),
  sni: key(
    domainList.optional(),
    'Server name in the ClientHello of a tunnel, in the forms of `dstDomains`; unknown where there is none',
    '[.microsoft.com]',
  ),
  time: key(time.optional(), 'When the request is judged', '{ days: mon-fri, hours: "09:00-18:00" }'),
};
