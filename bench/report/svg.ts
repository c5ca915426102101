/**
 * The parts that all plots are made of: a frame that suits light and dark pages, scales, text. Colours are chosen to be told apart
 * by people who see few of them, and every series is named where it is drawn.
 */

/** A colour for light and one for dark pages, by what is drawn. */
export type Ink = 'weir' | 'squid' | 'other';

const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: currentColor; color: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { color: #59636e; font-size: 12px; }
  .weir { color: #0969da; } .squid { color: #bf5700; } .other { color: #818b98; }
  .fill { fill: currentColor; }
  .line { fill: none; stroke: currentColor; stroke-width: 2.5; stroke-linejoin: round; }
  .range { stroke: currentColor; stroke-width: 1.5; }
  .dot { fill: currentColor; stroke: #fff; stroke-width: 1.5; }
  .grid { stroke: #d1d9e0; }
  .mark { stroke: #59636e; stroke-width: 1.5; stroke-dasharray: 4 3; }
  .goal { stroke: #1a7f37; stroke-width: 3; }
  .halo { stroke: #fff; stroke-width: 5; }
  .whisker { stroke: #1f2328; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { color: #e6edf3; }
    .quiet { color: #9198a1; }
    .weir { color: #58a6ff; } .squid { color: #f0883e; } .other { color: #6e7681; }
    .dot { stroke: #0d1117; }
    .grid { stroke: #3d444d; }
    .mark { stroke: #9198a1; }
    .goal { stroke: #3fb950; }
    .halo { stroke: #0d1117; }
    .whisker { stroke: #e6edf3; }
  }
`;

export const WIDTH = 840;
/** Room on every side. */
export const PAD = 20;
/** Half of the stop at the end of a range. */
const STOP = 4;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);

interface Place {
  readonly x: number;
  readonly y: number;
}

interface TextLook {
  readonly look?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

const at = (value: number): string => String(Math.round(value * 10) / 10);

export function text({ x, y }: Place, words: string, { look = '', anchor = 'start' }: TextLook = {}): string {
  return `<text x="${at(x)}" y="${at(y)}" class="${look}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

export function line(from: Place, to: Place, look: string): string {
  return `<line x1="${at(from.x)}" y1="${at(from.y)}" x2="${at(to.x)}" y2="${at(to.y)}" class="${look}"/>`;
}

export function bar({ x, y }: Place, width: number, look: string): string {
  return `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(width, 1))}" height="16" rx="2" class="fill ${look}"/>`;
}

/** Tells series apart without colour. */
export type Mark = 'circle' | 'square' | 'triangle' | 'diamond' | 'wedge';

/** Their corners, as steps from the centre. */
const CORNERS: Readonly<Record<Exclude<Mark, 'circle'>, readonly (readonly [x: number, y: number])[]>> = {
  square: [
    [-4.5, -4.5],
    [4.5, -4.5],
    [4.5, 4.5],
    [-4.5, 4.5],
  ],
  triangle: [
    [0, -6],
    [5.5, 4.5],
    [-5.5, 4.5],
  ],
  diamond: [
    [0, -6.5],
    [6.5, 0],
    [0, 6.5],
    [-6.5, 0],
  ],
  wedge: [
    [0, 6],
    [5.5, -4.5],
    [-5.5, -4.5],
  ],
};

export function dot({ x, y }: Place, look: string, mark: Mark): string {
  if (mark === 'circle') return `<circle cx="${at(x)}" cy="${at(y)}" r="4.5" class="dot ${look}"/>`;
  const places = CORNERS[mark].map(([dx, dy]) => ({ x: x + dx, y: y + dy }));
  return `<polygon points="${pointsOf(places)}" class="dot ${look}"/>`;
}

/** From least to largest, with a stop at each end. */
export function range(from: Place, to: Place, look: string): string {
  const isUpright = from.x === to.x;
  const stop = ({ x, y }: Place): string => {
    const [dx, dy] = isUpright ? [STOP, 0] : [0, STOP];
    return line({ x: x - dx, y: y - dy }, { x: x + dx, y: y + dy }, look);
  };
  return [line(from, to, look), stop(from), stop(to)].join('');
}

const pointsOf = (places: readonly Place[]): string =>
  places.map(({ x, y }) => `${at(x)},${at(y)}`).join(' ');

export function path(places: readonly Place[], look: string): string {
  return `<polyline points="${pointsOf(places)}" class="line ${look}"/>`;
}

interface Frame {
  readonly title: string;
  readonly subtitle: string;
  readonly height: number;
}

/** The whole picture. */
export function picture({ title, subtitle, height }: Frame, parts: readonly string[]): string {
  const head = [
    text({ x: PAD, y: PAD + 12 }, title, { look: 'title' }),
    text({ x: PAD, y: PAD + 31 }, subtitle, { look: 'quiet' }),
  ];
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}</style>`,
    ...head,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Height that title and subtitle take. */
export const HEAD_HEIGHT = 66;

/** Numbers for an axis from 0 to at least `most`: four to seven, with few digits. */
export function ticks(most: number): readonly number[] {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** The same for a logarithmic axis over what lies between `least` and `most`: 1, 2 and 5 of each power of ten. */
export function logarithmicTicks(least: number, most: number): readonly number[] {
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const all = Array.from({ length: high - low + 1 }, (_, index) => low + index).flatMap((power) =>
    [1, 2, 5].map((factor) => Number(`${factor}e${power}`)),
  );
  const first = all.findLastIndex((tick) => tick <= least);
  const last = all.findIndex((tick) => tick >= most);
  return all.slice(Math.max(first, 0), last + 1);
}
