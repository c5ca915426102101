/**
 * Gives records their place in the chain, many at a time, which is cheaper for each than one by one: what is taken waits for whoever
 * writes, or a moment.
 */
import type { LineWriter } from '#record/line-writer.ts';
import type { Body } from './canonical.ts';
import { type Head, type Link, linkTo } from './chain.ts';
import { checkpointAfter, type Signer } from './checkpoint.ts';

/** How long a record waits that nobody waits for. */
const LINGER_MS = 50;
/** So many wait for no company. */
const ENOUGH = 256;
/** Longer than what the chain adds to any record, and its newline. */
const PLACE_CHARS = 192;
/** Longer than any checkpoint. */
const CHECKPOINT_CHARS = 1024;

export interface LinkerOptions {
  /** Where the chain goes on. */
  readonly head: Head;
  /** Name of this hop. */
  readonly hop: string;
  /** Undefined: checkpoints are not signed. */
  readonly signer: Signer | undefined;
  readonly writer: Pick<LineWriter, 'room' | 'write'>;
  /** Told of each checkpoint that is given its place. */
  readonly onCheckpoint: (head: Head) => void;
}

export class Linker {
  readonly #options: LinkerOptions;
  #head: Head;
  /** In order; undefined: a checkpoint. */
  #pending: (Body | undefined)[] = [];
  #pendingChars = 0;
  #lingering: NodeJS.Timeout | undefined = undefined;

  constructor(options: LinkerOptions) {
    this.#options = options;
    this.#head = options.head;
  }

  /** Takes a record, or that a checkpoint comes here. False where the writer will not have room for it. */
  take(body: Body | undefined): boolean {
    const chars = body === undefined ? CHECKPOINT_CHARS : body.length + PLACE_CHARS;
    if (this.#pendingChars + chars > this.#options.writer.room) return false;
    this.#pendingChars += chars;
    if (this.#pending.push(body) >= ENOUGH) this.link();
    else this.#lingering ??= setTimeout(this.link, LINGER_MS);
    return true;
  }

  /** Hands what was taken to the writer. */
  readonly link = (): void => {
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    const bodies = this.#pending;
    this.#pending = [];
    this.#pendingChars = 0;
    for (const body of bodies) {
      const { line, head } = body === undefined ? this.#checkpoint() : linkTo(this.#head, body);
      this.#head = head;
      this.#options.writer.write(line);
    }
  };

  #checkpoint(): Link {
    const { hop, signer, onCheckpoint } = this.#options;
    const link = checkpointAfter(this.#head, { hop, time: new Date().toISOString() }, signer);
    onCheckpoint(link.head);
    return link;
  }
}
