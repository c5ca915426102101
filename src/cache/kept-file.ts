/**
 * The form of one kept answer as a file: a preamble of fixed length, the head as JSON, a checksum of each block of the body, and the
 * body. A digest covers preamble, head and checksums, so that nothing which was torn or changed is taken for what was written.
 */
import crypto from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import zlib from 'node:zlib';
import { answerDirectives } from './directives.ts';
import type { Entry } from './entry.ts';
import { ReadyAnswer } from './ready-answers.ts';

/** What is checked at a time: as much as a read brings. */
export const BLOCK_BYTES = 64 * 1024;
const MAGIC = Buffer.from('weirkept');
const VERSION = 1;
const DIGEST_AT = 24;
export const PREAMBLE_BYTES = DIGEST_AT + 32;
/** Of JSON and checksums together: those of a body of 8 GiB fit. */
const MAX_HEAD_BYTES = 1024 * 1024;
const CHECKSUM_BYTES = 4;
/** Half a millisecond's work. */
const MAX_AT_ONCE_BYTES = 16 * BLOCK_BYTES;

/** It is not what was written. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/** What follows the preamble. */
export interface Lengths {
  /** JSON and checksums. */
  readonly headBytes: number;
  readonly bodyBytes: number;
}

export interface KeptHead {
  /** All but the body. */
  readonly facts: Omit<Entry, 'body'>;
  /** Of the blocks of the body. */
  readonly checksums: Buffer;
  /** No other head has the same. */
  readonly digest: Buffer;
}

/** Checksums of the blocks of a body. Others get their turn meanwhile. */
export async function checksumsOf(body: Buffer): Promise<Buffer> {
  const checksums = Buffer.alloc(blocksOf(body.length) * CHECKSUM_BYTES);
  for (let at = 0, i = 0; at < body.length; at += BLOCK_BYTES, i += CHECKSUM_BYTES) {
    if (at > 0 && at % MAX_AT_ONCE_BYTES === 0) await nextTurn();
    checksums.writeUInt32LE(zlib.crc32(body.subarray(at, at + BLOCK_BYTES)), i);
  }
  return checksums;
}

/** @throws {DamagedFile} where `bytes`, the blocks from number `first` on, are not what was written */
export function verify(bytes: Buffer, checksums: Buffer, first: number): void {
  for (let at = 0, i = first * CHECKSUM_BYTES; at < bytes.length; at += BLOCK_BYTES, i += CHECKSUM_BYTES)
    if (zlib.crc32(bytes.subarray(at, at + BLOCK_BYTES)) !== checksums.readUInt32LE(i))
      throw new DamagedFile('A block of the body is not what was written');
}

/** Preamble and head; undefined where it is larger than is read back. */
export function headFor(entry: Entry, checksums: Buffer): Buffer | undefined {
  const { url, partition, names, selection, status, phrase, headers, requestMs, answerMs } = entry;
  // What is reckoned of Age is kept, since Age is not.
  const facts = { url, partition, names, selection, status, phrase, headers, requestMs, answerMs };
  const json = Buffer.from(JSON.stringify({ ...facts, freshness: entry.freshness }));
  if (json.length + checksums.length > MAX_HEAD_BYTES) return undefined;
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  MAGIC.copy(preamble);
  preamble.writeUInt32LE(VERSION, 8);
  preamble.writeUInt32LE(json.length + checksums.length, 12);
  preamble.writeUIntLE(entry.body.length, 16, 6);
  const whole = Buffer.concat([preamble, json, checksums]);
  digestOf(whole).copy(whole, DIGEST_AT);
  return whole;
}

/** @throws {DamagedFile} it is none of ours, or of another version */
export function lengthsOf(preamble: Buffer): Lengths {
  const isOurs = preamble.length >= PREAMBLE_BYTES && preamble.subarray(0, 8).equals(MAGIC);
  if (!isOurs || preamble.readUInt32LE(8) !== VERSION) throw new DamagedFile('This is no kept answer');
  const headBytes = preamble.readUInt32LE(12);
  const bodyBytes = preamble.readUIntLE(16, 6);
  if (headBytes > MAX_HEAD_BYTES || blocksOf(bodyBytes) * CHECKSUM_BYTES > headBytes)
    throw new DamagedFile('Its lengths are not what was written');
  return { headBytes, bodyBytes };
}

/** `whole` is preamble and head. @throws {DamagedFile} it is not what was written */
export function readHead(whole: Buffer, { bodyBytes }: Lengths): KeptHead {
  const digest = Buffer.from(whole.subarray(DIGEST_AT, PREAMBLE_BYTES));
  if (!digestOf(whole).equals(digest)) throw new DamagedFile('Its head is not what was written');
  const checksumsAt = whole.length - blocksOf(bodyBytes) * CHECKSUM_BYTES;
  const facts = JSON.parse(whole.toString('utf8', PREAMBLE_BYTES, checksumsAt)) as Omit<Entry, 'body'>;
  return {
    facts: { ...facts, directives: answerDirectives(facts.headers), ready: new ReadyAnswer() },
    checksums: Buffer.from(whole.subarray(checksumsAt)),
    digest,
  };
}

function blocksOf(bodyBytes: number): number {
  return Math.ceil(bodyBytes / BLOCK_BYTES);
}

/** Of all but the place where it stands itself. */
function digestOf(whole: Buffer): Buffer {
  return crypto
    .createHash('sha256')
    .update(whole.subarray(0, DIGEST_AT))
    .update(whole.subarray(PREAMBLE_BYTES))
    .digest();
}
