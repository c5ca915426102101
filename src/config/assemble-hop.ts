/** `hop` with what is in the files that it names. */
import type { HopKey } from '#hop/hop-key.ts';
import type { HopOptions } from '#hop/options.ts';
import type { Companions } from './companions.ts';
import type { ParsedConfig } from './schema.ts';

export function hopOptions({ assert, trust }: ParsedConfig['hop'], { keys }: Companions): HopOptions {
  const keysIn = (files: readonly string[]): readonly HopKey[] =>
    files.flatMap((file) => keys.get(file) ?? []);
  const { keyFiles, audience = [], replayDirectory } = trust ?? {};
  return {
    trustFrom: trust?.from,
    verify: keyFiles && { keys: keysIn(keyFiles), audience, replayDirectory },
    assert: assert && { keys: keysIn([assert.keyFile]), labels: assert.labels ?? [] },
  };
}

/** With the directory as the process sees it. */
export function withDirectory(hop: HopOptions, absolute: (name: string) => string): HopOptions {
  const { verify } = hop;
  if (verify?.replayDirectory === undefined) return hop;
  return { ...hop, verify: { ...verify, replayDirectory: absolute(verify.replayDirectory) } };
}
