/** What rules decided, and what was refused: by its rule and its reason together, since a rule may refuse for more than one. */
import { REASONS } from '#errors.ts';
import type { RecordEntry } from './entry.ts';
import type { Tally } from './tally.ts';

/** The rule of what no rule matched; no other has that name. */
const DEFAULT = 'default';
/** The rule of what never got to the rules. */
const NO_RULE = '';

/** Of most records; never written to. */
const NO_REPORTS: NonNullable<RecordEntry['reports']> = [];

/** By rule, verdict and mode; and by rule and reason. */
interface Tallies {
  readonly decisions: Tally;
  readonly refusals: Tally;
}

export class Decisions {
  readonly #decisions: Tally;
  readonly #refusals: Tally;

  constructor({ decisions, refusals }: Tallies) {
    this.#decisions = decisions;
    this.#refusals = refusals;
  }

  /** Counts what the record of an end says. */
  end(entry: RecordEntry): void {
    this.#decide(entry);
    const { rule, reason, outcome } = entry;
    if (reason === undefined || (outcome !== 'denied' && outcome !== 'limited')) return;
    this.#refusals.at(rule ?? (reason === 'no_rule_matched' ? DEFAULT : NO_RULE)).at(reason).value += 1;
  }

  /** Our own policy's verdict; a transaction that never got to the rules has none. */
  #decide({ rule, reason, reports = NO_REPORTS }: RecordEntry): void {
    for (const report of reports) this.#decisions.at(report.rule).at(report.verdict).at('report').value += 1;
    const isDenied = reason !== undefined && REASONS[reason].source === 'policy';
    if (rule === undefined && !isDenied) return;
    this.#decisions
      .at(rule ?? DEFAULT)
      .at(isDenied ? 'deny' : 'allow')
      .at('enforce').value += 1;
  }
}
