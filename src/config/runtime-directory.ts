/** The directory that systemd makes for a unit and keeps from one start to the next (`RuntimeDirectory=`, `RuntimeDirectoryPreserve=`). */

/** Undefined where there is none. Of several it is the first. */
export function runtimeDirectory(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const [first = ''] = (environment.RUNTIME_DIRECTORY ?? '').split(':');
  return first === '' ? undefined : first;
}
