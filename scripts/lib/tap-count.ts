/**
 * Reads raw TAP line by line: counts assertions, and passes on what a person should see, that is one line per test file and
 * every failure with its diagnosis. A line that closes a subtest repeats what the subtest said and is not counted again, unless
 * the subtest failed without a failing assertion of its own (a crash, a timeout, a plan not met): that is one failure.
 */

interface Point {
  readonly depth: number;
  readonly ok: boolean;
  readonly title: string;
}

const POINT = /^( *)(not )?ok\b(?: \d+)?(?: - )?(.*)$/;
const SUBTEST = /^( *)# Subtest\b/;
const DIRECTIVE = /(?<!\\)# (?:SKIP|TODO)\b/i;

function pointOf(line: string): Point | undefined {
  const [, indent, not, title = ''] = POINT.exec(line) ?? [];
  return indent === undefined ? undefined : { depth: indent.length, ok: not === undefined, title };
}

export class TapCount {
  passed = 0;
  failed = 0;
  /** Titles with their reasons. A TODO is among them: it proves nothing. */
  readonly skipped: string[] = [];
  /** By depth: failures counted before the subtest that is open there; no entry means that none is open. */
  readonly #open = new Map<number, number>();
  /** Inside the diagnosis of a failure, which ends with a line `...`. */
  #diagnosing = false;

  /** Takes the next line. @returns whether a person should see it */
  line(text: string): boolean {
    const subtest = SUBTEST.exec(text);
    if (subtest) this.#open.set(subtest[1]?.length ?? 0, this.failed);
    const point = pointOf(text);
    if (!point) return this.#diagnosis(text);
    const failures = this.failed;
    this.#count(point);
    this.#diagnosing = this.failed > failures;
    return this.#diagnosing || point.depth === 0;
  }

  #count(point: Point): void {
    const before = this.#open.get(point.depth);
    this.#open.delete(point.depth);
    const isLeaf = before === undefined;
    if (DIRECTIVE.test(point.title)) this.skipped.push(point.title);
    else if (point.ok) this.passed += isLeaf ? 1 : 0;
    else if (isLeaf || this.failed === before) this.failed += 1;
  }

  #diagnosis(text: string): boolean {
    const shown = this.#diagnosing && text.trim() !== '';
    if (text.trim() === '...' || /^ *(?:# Subtest|1\.\.)/.test(text)) this.#diagnosing = false;
    return shown;
  }
}
