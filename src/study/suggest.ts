/**
 * The smallest allow-list that covers the traffic of old logs: exact hosts, and of ports and methods those that were seen with
 * them, by who asked. Hosts with the same ports and methods share a rule, and so do those who asked for the same.
 */
import type { Subject } from '#match/subject.ts';
import { networkAround } from '#net/ip.ts';
import { METHODS } from '#net/methods.ts';
import { groupTraffic, type SuggestedRule } from './group-traffic.ts';
import type { LogEntry } from './log-entry.ts';
import { subjectOf } from './question.ts';
import { readLine } from './read-line.ts';
import { type Counted, Reasons } from './reasons.ts';
import { type Sightings, SightingTable, Tally } from './sightings.ts';

/** Different requests that are told apart. */
const MAX_ROWS = 200_000;

export interface SuggestOptions {
  /** Which traffic to cover: what was allowed, what was denied, or what a rule in report mode would have decided. */
  readonly traffic: 'allowed' | 'denied' | 'reported';
  /** Whether names become the registrable domain that several of them have in common. */
  readonly fold: boolean;
  /** Bits of the network that stands for a client without a namespace. */
  readonly prefixes: { readonly ipv4: number; readonly ipv6: number };
}

export interface Suggestion {
  /** Most frequent first. */
  readonly rules: readonly SuggestedRule[];
  /** All requests that are covered. */
  readonly covered: Sightings;
  /** Requests of this traffic that no rule covers, because there were too many different ones. */
  readonly notCovered: number;
  /** Requests of this traffic that no policy can allow: their method or target is none for Weir. */
  readonly unusable: number;
  /** Lines with other traffic, or with no decision at all. */
  readonly passedOver: number;
  /** Why they were. */
  readonly passedOverFor: readonly Counted[];
  readonly broken: number;
}

/** What traffic is that is not meant. */
const OTHER: Readonly<Record<SuggestOptions['traffic'], string>> = {
  allowed: 'it was denied',
  denied: 'it was allowed',
  reported: 'no rule in report mode would have decided it',
};

/** Takes lines, one after the other, and says in the end which rules would cover them. */
export class Suggester {
  readonly #options: SuggestOptions;
  readonly #table = new SightingTable(MAX_ROWS);
  readonly #covered = new Tally();
  #unusable = 0;
  readonly #passedOver = new Reasons();
  #broken = 0;

  constructor(options: SuggestOptions) {
    this.#options = options;
  }

  /** Takes one line in, and returns what is wrong with it where it is broken. */
  take(text: string): string | undefined {
    const line = readLine(text);
    if (line === undefined) return undefined;
    if (line.kind === 'broken') {
      this.#broken += 1;
      return line.why;
    }
    if (line.kind === 'undecided') this.#passedOver.add(line.why);
    else if (this.#isMeant(line)) this.#cover(line);
    else this.#passedOver.add(OTHER[this.#options.traffic]);
    return undefined;
  }

  #isMeant({ verdict, reports }: LogEntry): boolean {
    switch (this.#options.traffic) {
      case 'allowed':
        return verdict === 'allow';
      case 'denied':
        return verdict === 'deny';
      case 'reported':
        return reports.length > 0;
    }
  }

  #cover({ question }: LogEntry): void {
    const subject = usable(question);
    if (subject === undefined) {
      this.#unusable += 1;
      return;
    }
    const { namespace } = question;
    const source = namespace === undefined ? ['network', this.#networkOf(subject)] : ['namespace', namespace];
    const row = [...source, subject.method, subject.host.kind, subject.host.text, String(subject.port)];
    if (this.#table.add(row, subject.timeMs)) this.#covered.add(subject.timeMs);
  }

  #networkOf({ clientAddress }: Subject): string {
    const { ipv4, ipv6 } = this.#options.prefixes;
    return networkAround(clientAddress, clientAddress.family === 4 ? ipv4 : ipv6).text;
  }

  /** The rules for all lines so far. */
  result(): Suggestion {
    const { count, firstMs, lastMs } = this.#covered;
    const passedOverFor = this.#passedOver.counted();
    return {
      rules: groupTraffic(this.#table.rows(), this.#options.fold),
      covered: { count, firstMs, lastMs },
      notCovered: this.#table.beyond.count,
      unusable: this.#unusable,
      passedOver: passedOverFor.reduce((sum, reason) => sum + reason.count, 0),
      passedOverFor,
      broken: this.#broken,
    };
  }
}

function usable(question: LogEntry['question']): Subject | undefined {
  try {
    const subject = subjectOf(question);
    return METHODS.includes(subject.method) ? subject : undefined;
  } catch {
    return undefined;
  }
}
