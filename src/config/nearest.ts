/**
 * The known word that a mistyped one most likely means. Only close words are offered: a wrong suggestion costs the
 * reader more than none.
 */

/** The nearest candidate within a third of the word's length in edits (at least one), or undefined. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  const isSwap = (row: number, column: number): boolean =>
    row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];

  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  const cell = (row: number, column: number): number => Number(rows[row]?.[column]);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column += 1) {
      const substitution = cell(row - 1, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const least = Math.min(cell(row - 1, column) + 1, cell(row, column - 1) + 1, substitution);
      current.push(isSwap(row, column) ? Math.min(least, cell(row - 2, column - 2) + 1) : least);
    }
  }
  return cell(from.length, to.length);
}
