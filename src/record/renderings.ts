/** The forms that lines of the access log may have, by the words of `log.access.format`. */
import type { RecordEntry } from './entry.ts';
import { renderEcs } from './render-ecs.ts';
import { renderJson } from './render-json.ts';
import { renderSquid } from './render-squid.ts';

/** One line without its newline; empty where the format has none for the record. */
export type Rendering = (entry: RecordEntry) => string;

export const RENDERINGS = {
  json: renderJson,
  ecs: renderEcs,
  squid: renderSquid,
} as const satisfies Readonly<Record<string, Rendering>>;

export type AccessFormat = keyof typeof RENDERINGS;
