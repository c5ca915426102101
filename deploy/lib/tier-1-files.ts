/** What the folder of tier 1 makes its ConfigMap have, as its kustomization says: weir.yaml and the files that are put beside it. */
import { join } from 'node:path';
import { parse } from 'yaml';
import { readIfThere } from './attempt.ts';
import { MAIN, type PolicyData } from './policy-data.ts';

interface Kustomization {
  readonly configMapGenerator?: readonly { readonly name?: string; readonly files?: readonly string[] }[];
}

/** Of a kustomization that cannot be read weir.yaml alone: what is wrong with it is told where it is applied. */
export function policyOfFolder(folder: string): PolicyData {
  const files = [MAIN, ...filesOf(folder)].map((entry) => {
    const [name = '', path = name] = entry.split('=');
    return [name.split('/').at(-1) ?? '', readIfThere(join(folder, path)) ?? ''] as const;
  });
  return Object.fromEntries(files);
}

function filesOf(folder: string): readonly string[] {
  try {
    const made = parse(readIfThere(join(folder, 'kustomization.yaml')) ?? '') as Kustomization | null;
    return (made?.configMapGenerator ?? []).flatMap(({ name, files }) =>
      name === 'weir' ? (files ?? []) : [],
    );
  } catch {
    return [];
  }
}
