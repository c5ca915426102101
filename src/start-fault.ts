/**
 * What keeps Weir from serving, as the exit code that it comes to. systemd tries again after all but a configuration that cannot
 * be loaded and a Node that is none for Weir, so that only what can pass by itself may come to another.
 */
import { BindFault } from '#net/bind-fault.ts';
import { UnsuitableNode } from '#net/bindings.ts';
import { PassedSocketFault } from '#net/passed-socket.ts';
import { ExitCode } from './exit-codes.ts';

/** Gives `error` the exit code that it comes to; one that it has already stays, and a fault of our own gets none. */
export function withExitCode(error: unknown): unknown {
  const exitCode = exitCodeOf(error);
  if (exitCode === undefined || hasExitCode(error)) return error;
  return Object.assign(error as Error, { exitCode });
}

function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof UnsuitableNode) return ExitCode.Configuration;
  // Starting again would be handed the same.
  if (error instanceof PassedSocketFault) return ExitCode.Configuration;
  if (error instanceof BindFault) return ExitCode.CannotBind;
  return undefined;
}

function hasExitCode(error: unknown): boolean {
  return (error as { readonly exitCode?: number }).exitCode !== undefined;
}
