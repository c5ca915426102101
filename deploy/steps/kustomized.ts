/**
 * What kustomize reads to build a folder: that a step which applies it is done anew where any of that has changed, also a component or a
 * base that lies elsewhere. Read here instead of built: it needs no program, so that the stamp of a step is the same in a dry run, and what
 * cannot be built is told where it is applied.
 */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { hashOf, hashOfFolder } from './tools.ts';

/** As kustomize looks for it. */
const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Hash of all files of `folder`, and of those elsewhere that kustomize reads for it. What comes by the network is known by its address. */
export function hashOfBuild(folder: string): string {
  return `${hashOfFolder(folder)} ${hashOf(...filesOfBuild(folder))}`;
}

/** The files that kustomize reads for `folder`, in order. */
export function filesOfBuild(folder: string): readonly string[] {
  const files = new Set<string>();
  addFolder(resolve(folder), files);
  return [...files].toSorted();
}

/** A folder without a kustomization is nothing that kustomize reads. */
function addFolder(folder: string, files: Set<string>): void {
  const file = NAMES.map((name) => join(folder, name)).find((name) => isFile(name));
  if (file === undefined || files.has(file)) return;
  files.add(file);
  for (const path of textsIn(read(file)).flatMap((text) => pathsIn(text, folder))) {
    if (isFile(path)) files.add(path);
    else addFolder(path, files);
  }
}

/** Undefined where it is no YAML: kustomize says so. */
function read(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** All texts of a document, wherever they stand: more fields than one would list here name files. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What `text` may name: a generator has `KEY=PATH`, and a patch that is written out or a path in a manifest names nothing. */
function pathsIn(text: string, folder: string): readonly string[] {
  const path = text.slice(text.indexOf('=') + 1);
  return path === '' || path.includes('\n') || isAbsolute(path) ? [] : [resolve(folder, path)];
}

/** What the system takes for no path at all, as a long value of a literal, is no file either. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
