/**
 * Follows a chain line by line to the first that does not belong. What it was, a record removed, moved, changed or put in, shows by
 * what comes behind it, so that it reads on until that is sure. Knows no files; lines come in the order in which they were written.
 */
import { BEGINNING, type Head } from './chain.ts';
import type { PublicKeys } from './checkpoint.ts';
import { CheckpointCheck, type Checkpoints } from './checkpoint-check.ts';
import { type Finding, type Place, recordsOf } from './finding.ts';
import { membersOf, type ReadLink, readLink } from './read-link.ts';

/** What the trail itself says was lost. */
export interface Gap {
  readonly seq: number;
  readonly time: string;
  /** Records that were lost; 0 where there was only a torn line. */
  readonly lost: number;
  readonly why: string;
}

/** What a trail is found to be. */
export interface Verdict {
  readonly finding: Finding | undefined;
  /** Up to the finding. */
  readonly records: number;
  readonly first: number | undefined;
  readonly last: Head | undefined;
  readonly gaps: readonly Gap[];
  readonly checkpoints: Checkpoints;
}

/** A line that does not belong, until it is known why. */
interface Suspicion {
  readonly place: Place;
  readonly head: Head;
  /** Undefined: the line is no record, or not what was hashed. */
  readonly link: ReadLink | undefined;
  /** What it says of its number. */
  readonly seq: number | undefined;
}

/** More gaps than anybody reads are only counted by their records. */
const GAPS_KEPT = 1000;

export class ChainCheck {
  readonly #checkpoints: CheckpointCheck;
  readonly #gaps: Gap[] = [];
  #finding: Finding | undefined = undefined;
  #suspicion: Suspicion | undefined = undefined;
  #head: Head | undefined = undefined;
  #first: number | undefined = undefined;
  #place: Place = { file: '', line: 0 };
  #records = 0;
  /** End of a file that is no whole line. */
  #fragment: { readonly text: string; readonly place: Place } | undefined = undefined;

  /** Without keys signatures are not looked at. */
  constructor(keys?: PublicKeys) {
    this.#checkpoints = new CheckpointCheck(keys);
  }

  /** Whether nothing that follows could change the verdict. */
  get isDone(): boolean {
    return this.#finding !== undefined;
  }

  /** Takes the next line, one character for each byte. */
  take(line: string, file: string, number: number): void {
    if (this.#finding !== undefined) return;
    const place = { file, line: number };
    this.#endFragment(line);
    if (this.#finding !== undefined) return;
    const link = readLink(line);
    if (this.#suspicion !== undefined) this.#resolve(this.#suspicion, link);
    else if (link?.isIntact === true) this.#follow(link, line, place);
    else this.#suspect({ place, link: undefined, seq: link?.seq });
  }

  /** A file ends in what is no whole line. Where the next one begins with that line, it was written there anew. */
  takeFragment(text: string, place: Place): void {
    this.#fragment = { text, place };
  }

  /** All lines have come. */
  end(): Verdict {
    if (this.#suspicion !== undefined) this.#resolve(this.#suspicion, undefined, true);
    const { text, place } = this.#fragment ?? {};
    if (text !== undefined && place !== undefined)
      this.#find({ kind: 'torn', place, seq: undefined, message: cutOff(text) });
    return {
      finding: this.#finding,
      records: this.#records,
      first: this.#first,
      last: this.#head,
      gaps: this.#gaps,
      checkpoints: this.#checkpoints.result(),
    };
  }

  #endFragment(line: string): void {
    const { text, place } = this.#fragment ?? {};
    this.#fragment = undefined;
    if (text === undefined || place === undefined || line.startsWith(text)) return;
    this.#find({ kind: 'torn', place, seq: undefined, message: cutOff(text) });
  }

  #follow(link: ReadLink, line: string, place: Place): void {
    const head = this.#head ?? beginningFor(link);
    if (link.seq > head.seq + 1) this.#suspect({ place, link, seq: link.seq });
    else if (link.seq <= head.seq) this.#find(twice(link, place, this.#place));
    else if (link.prev !== head.hash) this.#find(unfounded(link, head, head.seq === 0 ? place : this.#place));
    else this.#accept(link, line, place);
  }

  #accept(link: ReadLink, line: string, place: Place): void {
    this.#first ??= link.seq;
    this.#head = { seq: link.seq, hash: link.hash };
    this.#place = place;
    this.#records += 1;
    if (link.event === 'gap') this.#noteGap(link.seq, line);
    this.#find(this.#checkpoints.take(link, line, place));
  }

  #noteGap(seq: number, line: string): void {
    const { time, lost, why } = membersOf(line);
    const gap = { seq, time: String(time), lost: Number(lost ?? 0), why: String(why) };
    if (this.#gaps.length < GAPS_KEPT) this.#gaps.push(gap);
  }

  #suspect(suspicion: Omit<Suspicion, 'head'>): void {
    this.#suspicion = { ...suspicion, head: this.#head ?? BEGINNING };
  }

  /** By what comes behind the line; `isEnd`: nothing does. */
  #resolve(suspicion: Suspicion, next: ReadLink | undefined, isEnd = false): void {
    const { head, place, link, seq } = suspicion;
    const isNext = next?.isIntact === true && next.seq === head.seq + 1 && next.prev === head.hash;
    if (link === undefined) {
      // The line behind it follows the line before it.
      if (isNext) this.#find(putIn(place, head));
      else this.#find(changed(place, seq));
    } else if (isNext) this.#find(moved(link, place, head));
    else if (isEnd) this.#find(removed(link, place, head));
  }

  #find(finding: Finding | undefined): void {
    this.#finding ??= finding;
  }
}

/** A trail may begin anywhere, since old files are thrown away; the first record of all has a beginning to name. */
function beginningFor({ seq, prev }: ReadLink): Head {
  return seq === 1 ? BEGINNING : { seq: seq - 1, hash: prev };
}

function changed(place: Place, seq: number | undefined): Finding {
  const which = seq === undefined ? 'The line' : `Record ${seq}`;
  return { kind: 'altered', place, seq, message: `${which} is not what was written: its hash does not fit` };
}

function putIn(place: Place, { seq }: Head): Finding {
  const where = seq === 0 ? 'before record 1' : `between records ${seq} and ${seq + 1}`;
  return { kind: 'inserted', place, seq: undefined, message: `The line was put in ${where}` };
}

function moved({ seq }: ReadLink, place: Place, head: Head): Finding {
  const message = `Record ${seq} stands where record ${head.seq + 1} should, which comes later`;
  return { kind: 'reordered', place, seq: head.seq + 1, message };
}

function removed({ seq }: ReadLink, place: Place, head: Head): Finding {
  const what = recordsOf(head.seq + 1, seq - 1);
  return { kind: 'missing', place, seq: head.seq + 1, message: `${what} missing before record ${seq}` };
}

function twice({ seq }: ReadLink, place: Place, before: Place): Finding {
  const other = `${before.file}:${before.line}`;
  const message = `A record ${seq} comes again behind ${other}: one of them was put in`;
  return { kind: 'inserted', place, seq, message };
}

/** Who changes a record and makes its hash anew, is found by the one behind it. */
function unfounded({ seq }: ReadLink, head: Head, place: Place): Finding {
  const message =
    head.seq === 0
      ? 'Record 1 names a record before it'
      : `Record ${head.seq} was altered with its hash: record ${seq}, which follows it, names another`;
  return { kind: 'altered', place, seq: Math.max(1, head.seq), message };
}

function cutOff(text: string): string {
  return `The last line is not whole (${text.length} bytes): it was cut off, or is being written`;
}
