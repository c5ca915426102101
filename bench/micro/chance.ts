/** Numbers that look random and are the same in every run. */
let seed = 1;

/** A whole number from 0 to `below - 1`. */
export function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

/** Text as a request brings it: memory of its own, never hashed, no slice of anything. */
export function freshText(text: string): string {
  return Buffer.from(text).toString('latin1');
}
