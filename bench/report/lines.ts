/**
 * Lines over an axis, named at their right end. Each point has its series' mark and a whisker from least to largest; series stand
 * a little beside one another, so that none covers another one's.
 */
import * as svg from './svg.ts';

export interface Point {
  readonly at: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

export interface Series {
  readonly label: string;
  readonly ink: svg.Ink;
  readonly mark: svg.Mark;
  readonly points: readonly Point[];
}

interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly series: readonly Series[];
  /** Where points lie along the axis, from 0 to 1, how that place is told, and what the axis is. */
  readonly across: (at: number) => number;
  readonly place: (at: number) => string;
  readonly acrossLabel: string;
  /** How a number of the upright axis is told. */
  readonly axis: (value: number) => string;
  /** Whether the upright axis is. @default false */
  readonly isLogarithmic?: boolean;
}

type Scale = (value: number) => number;

const HEIGHT = 400;
const TOP = svg.HEAD_HEIGHT + 8;
const BOTTOM = HEIGHT - svg.PAD - 46;
const LEFT = 84;
const RIGHT = 160;
/** Room at both ends of the axis, for points that stand beside their place. */
const MARGIN = 24;
const SPAN = svg.WIDTH - LEFT - RIGHT - 2 * MARGIN;
/** How far series stand beside one another. */
const APART = 11;
/** Names of two series that end at the same height must not cover each other. */
const LABEL_STEP = 16;

/** The upright axis: its ticks, and where a value stands. */
function upright({ series, isLogarithmic = false }: Chart): readonly [scale: readonly number[], y: Scale] {
  const points = series.flatMap(({ points }) => points);
  const most = Math.max(...points.map(({ max }) => max));
  const scale = isLogarithmic
    ? svg.logarithmicTicks(Math.min(...points.map(({ min }) => min)), most)
    : svg.ticks(most);
  const part: Scale = isLogarithmic ? Math.log : (value) => value;
  const [low, high] = [part(scale[0] ?? 0), part(scale.at(-1) ?? 1)];
  return [scale, (value) => BOTTOM - ((BOTTOM - TOP) * (part(value) - low)) / (high - low || 1)];
}

export function lineChart(chart: Chart): string {
  const { title, subtitle, series, across } = chart;
  const [scale, y] = upright(chart);
  const x: Scale = (at) => LEFT + MARGIN + SPAN * across(at);
  return svg.picture({ title, subtitle, height: HEIGHT }, [
    ...grid(
      chart,
      scale.map((value) => [value, y(value)] as const),
    ),
    ...axisAcross(chart, x),
    ...series.flatMap((each, index) => {
      const beside: Scale = (at) => x(at) + (index - (series.length - 1) / 2) * APART;
      return drawSeries(each, beside, y);
    }),
    ...names(series, y),
  ]);
}

function grid({ axis }: Chart, scale: readonly (readonly [value: number, y: number])[]): readonly string[] {
  return scale.flatMap(([value, y]) => [
    svg.line({ x: LEFT, y }, { x: svg.WIDTH - RIGHT, y }, 'grid'),
    svg.text({ x: LEFT - 8, y: y + 4 }, axis(value), { look: 'quiet', anchor: 'end' }),
  ]);
}

function axisAcross({ series, place, acrossLabel }: Chart, x: Scale): readonly string[] {
  const places = [...new Set(series.flatMap(({ points }) => points).map(({ at }) => at))];
  return [
    ...places.map((at) =>
      svg.text({ x: x(at), y: BOTTOM + 20 }, place(at), { look: 'quiet', anchor: 'middle' }),
    ),
    svg.text({ x: LEFT + MARGIN + SPAN / 2, y: BOTTOM + 42 }, acrossLabel, {
      look: 'quiet',
      anchor: 'middle',
    }),
  ];
}

function drawSeries({ ink, mark, points }: Series, x: Scale, y: Scale): readonly string[] {
  return [
    ...points.map(({ at, min, max }) =>
      svg.range({ x: x(at), y: y(min) }, { x: x(at), y: y(max) }, `range ${ink}`),
    ),
    svg.path(
      points.map(({ at, value }) => ({ x: x(at), y: y(value) })),
      ink,
    ),
    ...points.map(({ at, value }) => svg.dot({ x: x(at), y: y(value) }, ink, mark)),
  ];
}

/** Each with its mark before it. */
function names(series: readonly Series[], y: Scale): readonly string[] {
  const heights = labelHeights(series.map(({ points }) => y(points.at(-1)?.value ?? 0)));
  return series.flatMap(({ label, ink, mark }, index) => {
    const [x, height] = [svg.WIDTH - RIGHT + 18, heights[index] ?? 0];
    return [
      svg.dot({ x, y: height }, ink, mark),
      svg.text({ x: x + 12, y: height + 4 }, label, { look: ink }),
    ];
  });
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
