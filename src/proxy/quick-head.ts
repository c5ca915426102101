/**
 * Reads the head of a plain request that came in one piece. Strict: what is read here Node's parser reads in the same way, and of
 * everything else (partial, unusual, malformed, of other methods) it says nothing, so that Node's parser decides. A head that came
 * twice before is not read anew.
 */
import { type RawHeaders, valuesOf } from '#net/headers.ts';
import type { RequestTarget } from '#net/request-target.ts';
import type { ClientRequest } from './client-exchange.ts';
import { KnownHeads } from './known-heads.ts';

const END = '\r\n\r\n';
/** Longer ones are rare, and Node counts them in its own way. */
const MAX_BYTES = 8 * 1024;
/** Blanks can be matched in one way only: in two they would take a step for each pair of them. */
const FIELD = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(?:[ \t]*([!-~](?:[ \t]*[!-~])*))?[ \t]*\r\n/y;

/** One way of asking. */
interface Form {
  readonly line: RegExp;
  /** Fields that change what a request is, or what Node does with it. */
  readonly special: RegExp;
}

const CONNECT: Form = {
  line: /(CONNECT) ([A-Za-z0-9._:[\]-]+) HTTP\/1\.1\r\n/y,
  special: /\n(?:transfer-encoding|content-length|expect|upgrade|trailer|te):/i,
};
const PLAIN: Form = {
  line: /(GET|HEAD|POST|PUT) (http:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/[\w\-.~!$&'()*+,;=:@%/?]*) HTTP\/1\.1\r\n/y,
  special:
    /\n(?:transfer-encoding|expect|upgrade|trailer|te|(?:proxy-)?connection(?!:[ \t]*keep-alive[ \t]*\r)):/i,
};
const FIRST_BYTES: ReadonlyMap<number, Form> = new Map([
  [0x43, CONNECT],
  [0x47, PLAIN],
  [0x48, PLAIN],
  [0x50, PLAIN],
]);
/** By the first byte. All 256, since an object with a few such numbers is a hash table to V8. */
const FORMS: readonly (Form | undefined)[] = Array.from({ length: 256 }, (_, byte) => FIRST_BYTES.get(byte));

/** A head in the terms of Node's request, which never changes, and how much of a body follows it, which is not part of it. */
export class QuickHead implements ClientRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion = '1.1';
  readonly rawHeaders: RawHeaders;
  /** Bytes of the head; what follows it and its body belongs to the tunnel, or to the next request. */
  readonly length: number;
  readonly bodyLength: number;
  readonly complete = true;
  readonly readableLength = 0;
  readonly readableFlowing = null;
  /** What it asks for, once that has been checked. */
  target: RequestTarget | undefined = undefined;
  redactedUrl = '';

  /** `line` are the parts of the request line, from the second on. */
  constructor(line: readonly string[], rawHeaders: RawHeaders, length: number) {
    this.method = line[1] as string;
    this.url = line[2] as string;
    this.rawHeaders = rawHeaders;
    this.length = length;
    this.bodyLength = Number(valuesOf(rawHeaders, 'content-length')[0] ?? 0);
  }

  /** Those that Node gives a meaning: none is here. */
  get headers(): object {
    return {};
  }

  get rawTrailers(): string[] {
    return [];
  }
}

const known = new KnownHeads<QuickHead>();

/** Undefined: not for us to read. */
export function readQuickHead(bytes: Buffer): QuickHead | undefined {
  const form = FORMS[bytes[0] as number];
  if (form === undefined) return undefined;
  const before = known.find(bytes);
  if (before !== undefined) return before;
  const head = readForm(form, bytes);
  if (head !== undefined && head.bodyLength === 0) known.keep(bytes, head);
  return head;
}

function readForm(form: Form, bytes: Buffer): QuickHead | undefined {
  const start = bytes.toString('latin1', 0, Math.min(bytes.length, MAX_BYTES));
  const end = start.indexOf(END);
  if (end < 0) return undefined;
  const text = start.slice(0, end + 2);
  if (form.special.test(text)) return undefined;
  form.line.lastIndex = 0;
  const line = form.line.exec(text);
  if (line === null) return undefined;
  const rawHeaders = readFields(text, form.line.lastIndex);
  if (rawHeaders === undefined) return undefined;
  if (!isLengthPlain(line[1] as string, rawHeaders)) return undefined;
  return new QuickHead(line, rawHeaders, end + END.length);
}

/** Whether there is one length of a body at most, in the only way to write it, where a body has a meaning. */
function isLengthPlain(method: string, rawHeaders: RawHeaders): boolean {
  const lengths = valuesOf(rawHeaders, 'content-length');
  if (lengths.length === 0) return true;
  return method.startsWith('P') && lengths.length === 1 && /^(?:0|[1-9]\d{0,5})$/.test(lengths[0] as string);
}

function readFields(text: string, start: number): RawHeaders | undefined {
  const fields: string[] = [];
  FIELD.lastIndex = start;
  while (FIELD.lastIndex < text.length) {
    const field = FIELD.exec(text);
    if (field === null) return undefined;
    fields.push(field[1] as string, field[2] ?? '');
  }
  return fields;
}
