/** Whose a kept answer is, for people: names of a rule and a route, and what tier 2 is told of the client. */
export function partitionText(partition: string): string {
  const [rule, route, ...told] = partition.split(' ');
  const base = `rule ${rule}, route ${route}`;
  return told.length === 0 ? base : `${base}, for clients of whom the next hop is told ${told.join(' ')}`;
}
