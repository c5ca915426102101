/** Horizontal bars, each with a whisker from minimum to maximum, and a mark for what is promised. */
import { bar, HEAD_HEIGHT, type Ink, line, PAD, picture, range, text, ticks, WIDTH } from './svg.ts';

export interface Bar {
  readonly label: string;
  readonly ink: Ink;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Where the promise ends. */
  readonly goal?: number;
  /** What is written at the right edge. */
  readonly told: string;
}

interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly Bar[];
  /** A line across, with what it means. */
  readonly mark?: { readonly value: number; readonly label: string };
  /** How a number of the axis is told. */
  readonly axis: (value: number) => string;
}

type Scale = (value: number) => number;

const LABELS = 230;
const VALUES = 70;
/** Of a bar and the room beneath it. */
const STEP = 30;
const MARK_HEIGHT = 18;
const AXIS_HEIGHT = 18;

export function barChart({ title, subtitle, bars, mark, axis }: Chart): string {
  const scale = ticks(Math.max(...bars.map(({ max }) => max), mark?.value ?? 0));
  const left = PAD + LABELS;
  const width = WIDTH - left - VALUES - PAD;
  const x: Scale = (value) => left + (width * value) / (scale.at(-1) ?? 1);
  const top = HEAD_HEIGHT + (mark === undefined ? 0 : MARK_HEIGHT);
  const bottom = top + bars.length * STEP + 6;
  const across = (value: number, look: string): string =>
    line({ x: x(value), y: top }, { x: x(value), y: bottom }, look);
  const parts = scale.flatMap((value) => [
    across(value, 'grid'),
    text({ x: x(value), y: bottom + AXIS_HEIGHT }, axis(value), { look: 'quiet', anchor: 'middle' }),
  ]);
  parts.push(...bars.flatMap((each, index) => drawBar(each, top + 9 + index * STEP, x)));
  if (mark !== undefined) {
    parts.push(across(mark.value, 'mark'));
    parts.push(text({ x: x(mark.value), y: top - 6 }, mark.label, { look: 'quiet', anchor: 'middle' }));
  }
  return picture({ title, subtitle, height: bottom + AXIS_HEIGHT + PAD }, parts);
}

function drawBar({ label, ink, value, min, max, goal, told }: Bar, y: number, x: Scale): readonly string[] {
  const centre = y + 8;
  const goalLine =
    goal === undefined ? [] : [line({ x: x(goal), y: y - 4 }, { x: x(goal), y: y + 20 }, 'goal')];
  return [
    text({ x: PAD + LABELS - 12, y: y + 12.5 }, label, { anchor: 'end' }),
    bar({ x: x(0), y }, x(value) - x(0), ink),
    ...['halo', 'whisker'].map((look) => range({ x: x(min), y: centre }, { x: x(max), y: centre }, look)),
    ...goalLine,
    text({ x: WIDTH - PAD, y: y + 12.5 }, told, { anchor: 'end' }),
  ];
}
