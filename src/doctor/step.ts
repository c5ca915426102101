/** The steps from an environment to a target, in their order, and what became of each. */
import type { Speech } from './target.ts';

/** `unknown`: not reached, or nobody told. */
export type Mark = 'ok' | 'failed' | 'unknown';

/** `tier2-reach` is the way from tier 1 to tier 2; so for all that follow. */
export type StepName =
  | 'environment'
  | 'proxy-dns'
  | 'tier1-tcp'
  | 'tier1-tls'
  | 'tier1-verdict'
  | `tier${number}-reach`
  | `tier${number}-verdict`
  | 'target-dns'
  | 'target-tcp'
  | 'target-tls'
  | 'target-answer';

export interface Step {
  readonly step: StepName;
  readonly mark: Mark;
  /** What was seen, on one line. */
  readonly detail: string;
  /** What to know besides, a sentence each. */
  readonly notes: readonly string[];
}

/** What the first step that failed comes down to. */
export interface Fault {
  readonly step: StepName;
  readonly component: string;
  readonly detail: string;
  /** What to check. */
  readonly check: string;
}

export interface Diagnosis {
  /** For people. */
  readonly target: string;
  /** For people; undefined where there is none. */
  readonly proxy: string | undefined;
  readonly steps: readonly Step[];
  /** Undefined where no step failed. */
  readonly fault: Fault | undefined;
  /** Names of the tiers as far as they are told, tier 1 first. */
  readonly hops: readonly string[];
  /** Under which the tiers that are Weir have it in their logs. */
  readonly transaction: string | undefined;
  readonly hearsay: readonly string[];
}

const LAST = { tls: ['target-tls'], http: ['target-answer'], tcp: [] } as const;

/** All of a chain of two tiers; `isSecure`: the proxy is spoken to in TLS. */
export function stepsFor(speech: Speech, isSecure: boolean): readonly StepName[] {
  return [
    'environment',
    'proxy-dns',
    'tier1-tcp',
    ...(isSecure ? (['tier1-tls'] as const) : []),
    'tier1-verdict',
    'tier2-reach',
    'tier2-verdict',
    'target-dns',
    'target-tcp',
    ...LAST[speech],
  ];
}

/** What a step found wrong. */
export interface Finding {
  readonly component: string;
  readonly detail: string;
  readonly check: string;
}

/** Collects steps in their order. The first that fails is the fault, and those after it are what they are. */
export class Walk {
  readonly #steps: Step[] = [];
  #fault: Fault | undefined = undefined;

  get steps(): readonly Step[] {
    return this.#steps;
  }

  get fault(): Fault | undefined {
    return this.#fault;
  }

  has(step: StepName): boolean {
    return this.#steps.some((one) => one.step === step);
  }

  ok(step: StepName, detail: string, notes: readonly string[] = []): void {
    this.#steps.push({ step, mark: 'ok', detail, notes });
  }

  unknown(step: StepName, detail: string): void {
    this.#steps.push({ step, mark: 'unknown', detail, notes: [] });
  }

  failed(step: StepName, finding: Finding, notes: readonly string[] = []): void {
    this.#steps.push({ step, mark: 'failed', detail: finding.detail, notes });
    this.#fault ??= { step, ...finding };
  }

  /** Adds those of the `steps` that were not reached. */
  fill(steps: readonly StepName[]): void {
    for (const step of steps) if (!this.has(step)) this.unknown(step, 'not reached');
  }
}
