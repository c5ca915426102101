/** What a file says before anybody has checked it: whatever is not as it should be is nothing. */

export function elements(value: unknown): [number, unknown][] {
  return Array.isArray(value) ? [...value.entries()] : [];
}

/** Entries of a mapping; none where the key is absent, undefined where it is something else. */
export function section(value: unknown): [string, unknown][] | undefined {
  if (value === undefined) return [];
  return isMapping(value) ? Object.entries(value) : undefined;
}

export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? value : {};
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
