/** Times, sizes and counts as people read them. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A span in its two largest units, such as `3 min 20 s`; below a second it is 0 s. */
export function spanText(ms: number): string {
  let rest = Math.max(0, ms);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? '0 s' : parts.slice(0, 2).join(' ');
}

const KIB = 1024;

/** Such as `1.4 KiB`. */
export function sizeText(bytes: number): string {
  if (bytes < KIB) return countText(bytes, 'byte', 'bytes');
  const units = ['KiB', 'MiB', 'GiB'];
  let value = bytes / KIB;
  while (value >= KIB && units.length > 1) {
    value /= KIB;
    units.shift();
  }
  return `${value.toFixed(1)} ${units[0]}`;
}

export function countText(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** A moment, UTC, to the second. */
export function momentText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
