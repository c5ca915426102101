/**
 * Cleans up after a process that could not do it itself: a shell of its own session waits on a pipe from us, and when we are
 * gone, for whatever reason (a crash, Ctrl-C, kill -9 by a test runner out of patience), ends what we started.
 */
import { spawn } from 'node:child_process';

interface Leftovers {
  readonly pid?: number | undefined;
  readonly folder?: string | undefined;
}

const SCRIPT = 'cat >/dev/null; [ -z "$1" ] || kill -9 "$1"; [ -z "$2" ] || rm -rf "$2"';

/** Ends process `pid` and removes `folder` when this process is gone. @returns calls it off */
export function guard({ pid, folder }: Leftovers): () => void {
  const shell = spawn('sh', ['-c', SCRIPT, 'guardian', String(pid ?? ''), folder ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // It may outlive us by a moment, but we need not wait for it.
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return () => void shell.kill('SIGKILL');
}
