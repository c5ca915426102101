/**
 * What stands at the end of an audit trail, as the records that were put in: so that a record that is handed in once more, since nobody
 * knows whether it was written, is not written twice.
 */
import type { Body } from './canonical.ts';
import { tailOf } from './file-tail.ts';

/** A record of decisions is a few hundred bytes; a line has its place in the chain as well. */
const LINE_BYTES = 1024;
const MIN_BYTES = 1024 * 1024;
const MAX_BYTES = 64 * 1024 * 1024;
/** Other processes of the host write as well. */
const SHARE = 8;

/** The place in the chain, which a record has none of before it is written. */
const PLACE = /^\{(.*?)"hash":"[0-9a-f]{64}",(.*?)"prev":"[0-9a-f]{64}",(.*?)"seq":\d+(.*)\}$/;

/**
 * Those of the last lines, of which there are enough for `count` records to be among them. None where there is no file.
 * @throws {NodeJS.ErrnoException} where it cannot be read
 */
export async function writtenBodies(path: string, count: number): Promise<ReadonlySet<Body>> {
  const bytes = Math.min(MAX_BYTES, Math.max(MIN_BYTES, count * LINE_BYTES * SHARE));
  const lines = String((await tailOf(path, bytes)).bytes).split('\n');
  return new Set(lines.flatMap((line) => bodyIn(line) ?? []));
}

/** The record of a line; undefined: it has no place in a chain. */
export function bodyIn(line: string): Body | undefined {
  const pieces = PLACE.exec(line);
  return pieces === null ? undefined : (pieces.slice(1).join('\n') as Body);
}
