/**
 * Reads the head of a plain CONNECT that came in one piece. Strict: what is read here Node's parser reads in the same way,
 * and of everything else (partial, unusual, malformed, another method) it says nothing, so that Node's parser decides.
 */
import type { RawHeaders } from '#net/headers.ts';
import type { RequestHead } from './read-head.ts';

export interface ConnectHead extends RequestHead {
  readonly url: string;
  /** It has no body. */
  readonly complete: true;
  /** Bytes of the head; what follows belongs to the tunnel. */
  readonly length: number;
}

const C = 0x43;
const END = '\r\n\r\n';
/** Longer ones are rare, and Node counts them in its own way. */
const MAX_BYTES = 8 * 1024;
const REQUEST_LINE = /CONNECT ([A-Za-z0-9._:[\]-]+) HTTP\/1\.1\r\n/y;
const FIELD = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[!-~](?:[ \t]*[!-~])*)?)[ \t]*\r\n/y;
/** Fields that change what a request is, or what Node does with it. */
const SPECIAL = /\n(?:transfer-encoding|content-length|expect|upgrade|trailer|te):/i;

/** Undefined: not for us to read. */
export function readConnectHead(bytes: Buffer): ConnectHead | undefined {
  if (bytes[0] !== C) return undefined;
  const start = bytes.toString('latin1', 0, Math.min(bytes.length, MAX_BYTES));
  const end = start.indexOf(END);
  if (end < 0) return undefined;
  const text = start.slice(0, end + 2);
  if (SPECIAL.test(text)) return undefined;
  REQUEST_LINE.lastIndex = 0;
  const url = REQUEST_LINE.exec(text)?.[1];
  if (url === undefined) return undefined;
  const rawHeaders = readFields(text, REQUEST_LINE.lastIndex);
  if (rawHeaders === undefined) return undefined;
  const length = end + END.length;
  return { method: 'CONNECT', url, httpVersion: '1.1', rawHeaders, complete: true, length };
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
