/** What the programs of deploy/ end with; the same numbers as those of vm/ (docs/deploy.md). */
export const ExitCode = {
  Done: 0,
  /** A step is ✗; what to do is said, and the next start goes on there. */
  Wrong: 1,
  Usage: 64,
  NoInput: 66,
  /** Nothing that a program could do is left: a person decides. */
  Escalate: 70,
  Configuration: 78,
} as const;
