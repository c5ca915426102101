/** What `weir` ends with, whichever of its commands and processes says so (docs/commands.md). */
export const ExitCode = {
  Done: 0,
  Findings: 1,
  Usage: 64,
  /** A file to read is not there, or cannot be read; a configuration is {@link Configuration}. */
  NoInput: 66,
  CannotBind: 69,
  DrainCutShort: 75,
  /** It cannot be loaded, or this Node cannot run Weir: trying again changes nothing. */
  Configuration: 78,
} as const;
