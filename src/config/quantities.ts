/** Sizes and rates as they are written in a configuration file, always with a unit. */

const BYTES_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);
const SECONDS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/**
 * Bytes of a size such as `512KiB`, `20MiB` or `5GiB`; at least one.
 * @throws {Error} naming the text and the fix
 */
export function parseSize(text: string): number {
  const [, digits, unit] = /^(\d{1,9})([A-Za-z]+)$/.exec(text) ?? [];
  const bytes = Number(digits) * (BYTES_PER_UNIT.get(unit ?? '') ?? Number.NaN);
  if (bytes > 0) return bytes;
  throw new Error(
    `Size "${text}" cannot be read, write a whole number above 0 with a unit (B, KiB, MiB, GiB, TiB) such as "20MiB"`,
  );
}

/** Less than that, and a single read would be paid for over minutes. */
const LEAST_BANDWIDTH = 1024;

/**
 * Bytes a second of a bandwidth such as `20MiB/s`.
 * @throws {Error} naming the text and the fix
 */
export function parseBandwidth(text: string): number {
  const [, size] = /^(\w+)\/s$/.exec(text) ?? [];
  if (size === undefined)
    throw new Error(`Bandwidth "${text}" cannot be read, write a size for each second such as "20MiB/s"`);
  const bytes = parseSize(size);
  if (bytes < LEAST_BANDWIDTH) throw new Error(`Bandwidth "${text}" is too little, write at least "1KiB/s"`);
  return bytes;
}

/**
 * A second's share of a rate such as `50/s`, `600/m` or `1000/h`.
 * @throws {Error} naming the text and the fix
 */
export function parseRate(text: string): number {
  const [, digits, unit] = /^(\d{1,9})\/([a-z]+)$/.exec(text) ?? [];
  const rate = Number(digits) / (SECONDS_PER_UNIT.get(unit ?? '') ?? Number.NaN);
  if (rate > 0) return rate;
  throw new Error(
    `Rate "${text}" cannot be read, write a whole number above 0 for each s, m or h such as "50/s"`,
  );
}
