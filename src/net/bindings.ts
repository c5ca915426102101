/**
 * Node's own bindings of libuv, which it does not document (docs/adr/0012). They are compared with what is relied on as they are
 * loaded, at the start: otherwise the first connection would find out.
 */
import process from 'node:process';

/** A Node that Weir cannot run on. */
export class UnsuitableNode extends Error {
  override readonly name = 'UnsuitableNode';

  /** `missing` is what it does not have. */
  constructor(missing: string, options?: ErrorOptions) {
    const cure = 'Run Weir on Node 26, which "npm ci" puts beside the sources';
    super(`Cannot run on Node ${process.version}: it has no ${missing}. ${cure}`, options);
  }
}

/**
 * The binding `name`. `parts` are the paths of all that is used of it, for example `TCP.prototype.reset`.
 * @throws {UnsuitableNode} which of them is not there
 */
export function bindingOf<Binding>(name: string, parts: readonly string[]): Binding {
  const binding = load(name);
  for (const part of parts) {
    if (!has(binding, part)) throw new UnsuitableNode(`"${part}" in its binding "${name}"`);
  }
  return binding as Binding;
}

function load(name: string): unknown {
  try {
    return (process as unknown as { binding(name: string): unknown }).binding(name);
  } catch (cause) {
    throw new UnsuitableNode(`binding "${name}"`, { cause });
  }
}

function has(binding: unknown, path: string): boolean {
  const keys = path.split('.');
  const last = keys.pop() as string;
  return last in Object(keys.reduce<unknown>((whole, key) => Object(whole)[key], binding));
}
