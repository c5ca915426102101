/** Dimensions that are lines of numbers, with matchers that are spans of them: ports, and addresses as numbers. */
import { bitOf, Classes, type Partition } from './partition.ts';

/** All numbers from `first` to `last`, both included. */
export interface Span {
  readonly first: bigint;
  readonly last: bigint;
}

interface Segment extends Span {
  readonly signature: bigint;
}

export interface Line {
  /** What numbers there are, in ascending spans that do not touch. */
  readonly spans: readonly Span[];
  /** Numbers that make good samples, the best first. */
  readonly preferred: readonly bigint[];
}

/** Classes of the numbers on the line; `matchers` are the spans of each, which may overlap. */
export function partitionLine(line: Line, matchers: readonly (readonly Span[])[]): Partition<bigint> {
  const edges = edgesOf(matchers);
  const segments = line.spans.flatMap((span) => segmentsOf(span, edges, matchers.length));
  const classes = new Classes<bigint>();
  for (const number of line.preferred) {
    const segment = segments.find(({ first, last }) => first <= number && number <= last);
    if (segment !== undefined) classes.add(segment.signature, number);
  }
  // The second number, where there is one: the first of a network is an odd address for a host.
  for (const { first, last, signature } of segments)
    classes.add(signature, first < last ? first + 1n : first);
  return classes.partition(matchers.length);
}

interface Edge {
  readonly at: bigint;
  readonly matcher: number;
  readonly step: 1 | -1;
}

function edgesOf(matchers: readonly (readonly Span[])[]): Edge[] {
  const edges = matchers.flatMap((spans, matcher) =>
    spans.flatMap(({ first, last }): Edge[] => [
      { at: first, matcher, step: 1 },
      { at: last + 1n, matcher, step: -1 },
    ]),
  );
  return edges.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}

/** Cuts the span at the edges, which are in ascending order. */
function segmentsOf(span: Span, edges: readonly Edge[], matchers: number): Segment[] {
  const segments: Segment[] = [];
  const depths = new Array<number>(matchers).fill(0);
  let signature = 0n;
  let { first } = span;
  for (const { at, matcher, step } of edges) {
    if (at > span.last) break;
    if (at > first) {
      segments.push({ first, last: at - 1n, signature });
      first = at;
    }
    const depth = (depths[matcher] as number) + step;
    depths[matcher] = depth;
    signature = depth > 0 ? signature | bitOf(matcher) : signature & ~bitOf(matcher);
  }
  segments.push({ first, last: span.last, signature });
  return segments;
}
