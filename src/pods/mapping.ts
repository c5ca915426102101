/** What the API server says, as far as it is made of names and values. */
export type Fields = Readonly<Record<string, unknown>>;

/** Without any where it is something else. */
export function mapping(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
