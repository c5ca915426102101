/** Horizontal bars with whiskers from minimum to maximum, in groups: one group for each kind of work. */
import { bar, HEAD_HEIGHT, type Ink, line, PAD, picture, text, ticks, WIDTH } from './svg.ts';

export interface Bar {
  readonly label: string;
  readonly ink: Ink;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** What is written behind the bar. */
  readonly told: string;
}

export interface BarGroup {
  readonly label: string;
  readonly bars: readonly Bar[];
}

interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly groups: readonly BarGroup[];
  /** A line across, with what it means. */
  readonly mark?: { readonly value: number; readonly label: string };
  /** How a number of the axis is told. */
  readonly axis: (value: number) => string;
}

const LABELS = 210;
const VALUES = 70;
const BAR = 20;
const GAP = 12;

export function barChart({ title, subtitle, groups, mark, axis }: Chart): string {
  const bars = groups.flatMap(({ bars }) => bars);
  const scale = ticks(Math.max(...bars.map(({ max }) => max), mark?.value ?? 0));
  const left = PAD + LABELS;
  const width = WIDTH - left - VALUES - PAD;
  const x = (value: number): number => left + (width * value) / (scale.at(-1) ?? 1);
  const bottom = HEAD_HEIGHT + 14 + groups.reduce((sum, group) => sum + group.bars.length * BAR + GAP, 0);
  const parts = scale.flatMap((value) => [
    line({ x: x(value), y: HEAD_HEIGHT }, { x: x(value), y: bottom }, 'grid'),
    text({ x: x(value), y: bottom + 18 }, axis(value), { look: 'quiet', anchor: 'middle' }),
  ]);
  let y = HEAD_HEIGHT + 12;
  for (const group of groups) {
    parts.push(...drawGroup(group, y, x));
    y += group.bars.length * BAR + GAP;
  }
  if (mark !== undefined) {
    parts.push(line({ x: x(mark.value), y: HEAD_HEIGHT - 4 }, { x: x(mark.value), y: bottom }, 'mark'));
    parts.push(
      text({ x: x(mark.value), y: HEAD_HEIGHT - 9 }, mark.label, { look: 'quiet', anchor: 'middle' }),
    );
  }
  return picture({ title, subtitle, height: bottom + 18 + PAD }, parts);
}

function drawGroup({ label, bars }: BarGroup, top: number, x: (value: number) => number): readonly string[] {
  const middle = top + (bars.length * BAR) / 2;
  const name = text({ x: PAD + LABELS - 12, y: middle + 3 }, label, { anchor: 'end' });
  return [
    name,
    ...bars.flatMap(({ ink, value, min, max, told, label: who }, index) => {
      const y = top + index * BAR;
      const centre = y + 8;
      return [
        bar({ x: x(0), y }, x(value) - x(0), ink),
        line({ x: x(min), y: centre }, { x: x(max), y: centre }, 'whisker'),
        text({ x: Math.max(x(value), x(max)) + 6, y: y + 12.5 }, `${told} ${who}`.trim(), { look: 'quiet' }),
      ];
    }),
  ];
}
