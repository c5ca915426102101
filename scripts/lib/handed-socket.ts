/** How systemd starts who is handed a listening socket, for whoever starts one in its place. */

/** The same command, told that descriptor 3 is the socket `weir`. Whose it is, only the process itself can say by its id. */
export function handing([program, args]: readonly [string, readonly string[]]): [
  program: string,
  args: string[],
] {
  const script = 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=weir exec "$@"';
  return ['/bin/sh', ['-c', script, 'sh', program, ...args]];
}
