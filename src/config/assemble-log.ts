/** `log`, and the files that it names as the process sees them. */
import type { LogOptions } from './config.ts';
import type { ParsedConfig } from './schema.ts';

export function logOptions({ access, audit, level }: ParsedConfig['log']): LogOptions {
  return {
    accessPath: access.path,
    accessFormat: access.format,
    audit: audit && { path: audit.path, strict: audit.strict, keyFile: audit.keyFile },
    level,
  };
}

export function withPaths(
  { accessPath, audit, ...rest }: LogOptions,
  absolute: (name: string) => string,
): LogOptions {
  return {
    ...rest,
    accessPath: accessPath === 'stdout' ? 'stdout' : absolute(accessPath),
    audit: audit && {
      ...audit,
      path: absolute(audit.path),
      keyFile: audit.keyFile && absolute(audit.keyFile),
    },
  };
}

/** Files of keys, by their names as written. */
export function auditSecrets({ log: { audit } }: Pick<ParsedConfig, 'log'>): string[] {
  return audit?.keyFile === undefined ? [] : [audit.keyFile];
}
