/**
 * What may leave the site as evidence: text without what opens something. Weir's own records have no credentials and no query strings;
 * this is for what others write beside them, and for what nobody thought of.
 */

interface Secret {
  readonly pattern: RegExp;
  readonly left: string;
}

const GONE = '[removed]';

const SECRETS: readonly Secret[] = [
  { pattern: /-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|$)/gs, left: GONE },
  // In JSON the ends of its lines are written out.
  {
    pattern: /\b((?:proxy-)?authorization|(?:set-)?cookie|weir-identity)(["']?\s*[:=]\s*["']?)[^\r\n"']+/gi,
    left: `$1$2${GONE}`,
  },
  { pattern: /\b(basic|bearer|digest) [\w.~+/=-]{8,}/gi, left: `$1 ${GONE}` },
  { pattern: /([a-z][a-z0-9+.-]*:\/\/)[^\s/"'@]+@/gi, left: `$1${GONE}@` },
  { pattern: /(https?:\/\/[^\s"'?]+)\?[^\s"']*/gi, left: `$1?${GONE}` },
  {
    pattern:
      /\b(pass(?:word|wd|phrase)?|secret|token|api[-_]?key|(?:client|access|private)[-_](?:secret|key|token))(["']?[ \t]*[:=][ \t]*["']?)[^\s"',}]+/gi,
    left: `$1$2${GONE}`,
  },
  { pattern: /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, left: GONE },
  // A key of 32 bytes in base64, as that of hops is. Hashes are written in hexadecimal digits.
  { pattern: /(?<![\w+/])[A-Za-z0-9+/]{43}=(?![\w=])/g, left: GONE },
];

export function redacted(text: string): string {
  return SECRETS.reduce((left, { pattern, left: put }) => left.replaceAll(pattern, put), text);
}
