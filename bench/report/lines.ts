/** Lines over a logarithmic or an even axis, each with a band from minimum to maximum, named at its right end. */
import { band, dot, HEAD_HEIGHT, type Ink, line, PAD, path, picture, text, ticks, WIDTH } from './svg.ts';

export interface Point {
  readonly at: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

export interface Series {
  readonly label: string;
  readonly ink: Ink;
  readonly points: readonly Point[];
}

interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly series: readonly Series[];
  /** Where points lie along the axis, from 0 to 1, and how that place is told. */
  readonly across: (at: number) => number;
  readonly place: (at: number) => string;
  /** How a number of the upright axis is told. */
  readonly axis: (value: number) => string;
}

const HEIGHT = 360;
const LEFT = 84;
const RIGHT = 150;
/** Names of two series that end at the same height must not cover each other. */
const LABEL_STEP = 16;

export function lineChart({ title, subtitle, series, across, place, axis }: Chart): string {
  const points = series.flatMap(({ points }) => points);
  const scale = ticks(Math.max(...points.map(({ max }) => max)));
  const [top, bottom] = [HEAD_HEIGHT + 8, HEIGHT - PAD - 22];
  const x = (at: number): number => LEFT + (WIDTH - LEFT - RIGHT) * across(at);
  const y = (value: number): number => bottom - ((bottom - top) * value) / (scale.at(-1) ?? 1);
  const places = [...new Set(points.map(({ at }) => at))];
  const labels = labelHeights(series.map(({ points }) => y(points.at(-1)?.value ?? 0)));
  return picture({ title, subtitle, height: HEIGHT }, [
    ...scale.flatMap((value) => [
      line({ x: LEFT, y: y(value) }, { x: WIDTH - RIGHT, y: y(value) }, 'grid'),
      text({ x: LEFT - 8, y: y(value) + 4 }, axis(value), { look: 'quiet', anchor: 'end' }),
    ]),
    ...places.map((at) => text({ x: x(at), y: bottom + 20 }, place(at), { look: 'quiet', anchor: 'middle' })),
    ...series.flatMap(({ ink, points }) => [
      band(
        [
          ...points.map(({ at, max }) => ({ x: x(at), y: y(max) })),
          ...points.toReversed().map(({ at, min }) => ({ x: x(at), y: y(min) })),
        ],
        ink,
      ),
      path(
        points.map(({ at, value }) => ({ x: x(at), y: y(value) })),
        ink,
      ),
      ...points.map(({ at, value }) => dot({ x: x(at), y: y(value) }, ink)),
    ]),
    ...series.map(({ label, ink }, index) =>
      text({ x: WIDTH - RIGHT + 14, y: (labels[index] ?? 0) + 4 }, label, { look: ink }),
    ),
  ]);
}

/** Moves names apart that would cover each other, downwards. */
function labelHeights(wanted: readonly number[]): readonly number[] {
  const heights = [...wanted];
  let last = Number.NEGATIVE_INFINITY;
  for (const index of wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0))) {
    last = Math.max(wanted[index] ?? 0, last + LABEL_STEP);
    heights[index] = last;
  }
  return heights;
}
