/**
 * Reads the head of a plain CONNECT, GET or HEAD that came in one piece. Strict: what is read here Node's parser reads in the same
 * way, and of everything else (partial, unusual, malformed, with a body) it says nothing, so that Node's parser decides.
 */
import type { RawHeaders } from '#net/headers.ts';
import type { ClientRequest } from './client-exchange.ts';

const END = '\r\n\r\n';
/** Longer ones are rare, and Node counts them in its own way. */
const MAX_BYTES = 8 * 1024;
const FIELD = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[!-~](?:[ \t]*[!-~])*)?)[ \t]*\r\n/y;

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
  line: /(GET|HEAD) (http:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/[\w\-.~!$&'()*+,;=:@%/?]*) HTTP\/1\.1\r\n/y,
  special:
    /\n(?:transfer-encoding|content-length|expect|upgrade|trailer|te|connection(?!:[ \t]*keep-alive[ \t]*\r)):/i,
};
/** By the first byte. */
const FORMS: Readonly<Record<number, Form>> = { 67: CONNECT, 71: PLAIN, 72: PLAIN };

/** A head without a body, in the terms of Node's request. */
export class QuickHead implements ClientRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion = '1.1';
  readonly rawHeaders: RawHeaders;
  /** Bytes of the head; what follows belongs to the tunnel, or to the next request. */
  readonly length: number;
  readonly complete = true;
  readonly readableLength = 0;
  readonly readableFlowing = null;

  /** `line` are the parts of the request line, from the second on. */
  constructor(line: readonly string[], rawHeaders: RawHeaders, length: number) {
    this.method = line[1] as string;
    this.url = line[2] as string;
    this.rawHeaders = rawHeaders;
    this.length = length;
  }

  /** Those that Node gives a meaning: none is here. */
  get headers(): object {
    return {};
  }

  get rawTrailers(): string[] {
    return [];
  }
}

/** Undefined: not for us to read. */
export function readQuickHead(bytes: Buffer): QuickHead | undefined {
  const form = FORMS[bytes[0] as number];
  if (form === undefined) return undefined;
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
  return new QuickHead(line, rawHeaders, end + END.length);
}

function readFields(text: string, start: number): RawHeaders | undefined {
  const fields: string[] = [];
  FIELD.lastIndex = start;
  while (FIELD.lastIndex < text.length) {
    const field = FIELD.exec(text);
    if (field === null) return undefined;
    fields.push(field[1] as string, field[2] as string);
  }
  return fields;
}
